package liberty

// storeRef gives the ID of the store that an attribute names, or the standard
// one without it. Where nobody knows the name yet, the builder is refused.
func (b *builder) storeRef(attribute, standard string) (ref string, ok bool) {
	if !b.has(attribute) {
		return standard, true
	}
	if ref, ok = b.fixed(attribute); !ok {
		b.refuse("%s comes from the environment, and has no default", attribute)
	}
	return ref, ok
}
