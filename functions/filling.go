package functions

// complete puts the defaults of the Function in the place of the arguments that the
// caller left out. What tells one answer from another is what was sent, so the
// canonical form is made before.
func (p *prepared) complete() error {
	f := p.function.filling
	if f == nil {
		return nil
	}
	if p.function.output != nil && p.canonical == nil {
		p.canonical = p.arguments.appendCanonical(nil, 0)
	}
	limits := &p.set.limits
	most := len(p.arguments.text) + int(limits.CallBytes)
	text := f.append(nil, &p.arguments, 0, most)
	switch {
	case len(text) > most:
		return oversized("the defaults of what was left out are too large").By("limits.call_bytes")
	case countValues(text) > maxValues:
		return tooManyValues()
	}
	switch known := p.arguments.index(string(text)); {
	case !known:
		return Refuse(Internal, "the defaults of the arguments cannot be filled in")
	case p.arguments.deepest > limits.CallDepth:
		return tooDeep(limits.CallDepth)
	}
	return nil
}

// append appends object i with the members that are missing. A default is taken
// as it is written: nothing is filled into it. It ends early, with what is no
// JSON, when dst is longer than most.
func (f *filling) append(dst []byte, d *document, i, most int) []byte {
	if len(dst) > most {
		return dst
	}
	n := &d.nodes[i]
	var room [fewMembers]bool
	sent := append(room[:0], make([]bool, len(f.names))...)
	copied := n.from
	for m := i + 1; m < n.next; m = d.nodes[m].next {
		member := f.members[d.name(m)]
		if member == nil {
			continue
		}
		if member.at >= 0 {
			sent[member.at] = true
		}
		if member.below != nil && d.nodes[m].kind == '{' {
			dst = append(dst, d.text[copied:d.nodes[m].from]...)
			dst = member.below.append(dst, d, m, most)
			copied = d.nodes[m].to
		}
	}
	dst = append(dst, d.text[copied:n.to-1]...)
	count := n.count
	for at, name := range f.names {
		if sent[at] {
			continue
		}
		if count > 0 {
			dst = append(dst, ',')
		}
		count++
		dst = append(append(appendQuoted(dst, name), ':'), f.members[name].text...)
	}
	return append(dst, '}')
}
