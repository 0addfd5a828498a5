package liberty

// BuilderAttributes lists the attributes of jwtBuilder that an import knows.
func BuilderAttributes() []string { return builderNames() }
