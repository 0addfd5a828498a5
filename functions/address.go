package functions

// An Address is a host and port to which a Function leads.
type Address struct {
	Host string // canonical
	Port uint16
	// Shown is how people read it, "(configured)" where the host is text from the
	// environment or a file.
	Shown string
}

// Addresses lists where each Function leads, in the order of their names.
func (s *Set) Addresses() []Address {
	list := make([]Address, 0, len(s.names))
	for _, name := range s.names {
		f := s.functions[name]
		list = append(list, Address{f.host, f.port, labelOf(f.config).Host})
	}
	return list
}
