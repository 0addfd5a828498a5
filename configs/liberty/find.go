package liberty

// id gives the id of an element.
func (im *importer) id(e *element, otherwise string) string {
	raw, ok := e.get("id")
	if !ok {
		return otherwise
	}
	id, _, _ := im.vars.expand(raw).fixed()
	return id
}

// find gives the element of a name and an id.
func (im *importer) find(name, id, defaultID string) *element {
	for _, e := range im.merged(name, defaultID) {
		if im.id(e, defaultID) == id {
			return e
		}
	}
	return nil
}

// defaultStores gives the stores that Liberty takes where a builder names none:
// those of the default SSL configuration.
func (im *importer) defaultStores() (key, trust string) {
	ssl := defaultSSL
	if e := im.find("sslDefault", "", ""); e != nil {
		ssl = im.fixed(e, "sslRef", ssl)
	}
	key = defaultKeyStore
	trust = ""
	if e := im.find("ssl", ssl, ""); e != nil {
		key = im.fixed(e, "keyStoreRef", key)
		trust = im.fixed(e, "trustStoreRef", "")
	}
	if trust == "" {
		trust = key
	}
	return key, trust
}

// fixed gives an attribute as it is without the environment, or what holds
// without it.
func (im *importer) fixed(e *element, name, otherwise string) string {
	raw, ok := e.get(name)
	if !ok {
		return otherwise
	}
	if s, _, ok := im.vars.expand(raw).fixed(); ok && s != "" {
		return s
	}
	return otherwise
}
