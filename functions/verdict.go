package functions

// A verdict is what a checker says of a value.
type verdict int

const (
	unsure verdict = iota // what a decimal cannot hold, or what is too long to compare
	yes
	no
)

func verdictOf(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// and gives the verdict that holds when both must be yes.
func (v verdict) and(other verdict) verdict {
	switch {
	case v == no || other == no:
		return no
	case v == unsure || other == unsure:
		return unsure
	default:
		return yes
	}
}

// not gives the verdict on the opposite.
func (v verdict) not() verdict {
	if v == unsure {
		return unsure
	}
	return verdictOf(v == no)
}
