package liberty

// A document is all that Liberty would read, in its order.
type document struct {
	server    string // the file that was named
	elements  []*element
	variables []*element
	bootstrap map[string]string
	read      []string // the files, in the order of Liberty
	skipped   []string // sentences on includes that were not followed
}

// An inclusion is a file on the way to an element, and what its include said of
// conflicts.
type inclusion struct {
	file       string
	onConflict behavior
}

// A behavior says what becomes of an element that is already there.
type behavior int

const (
	merge   behavior = iota // each of its attributes wins
	replace                 // the same, and lists do not go on
	ignore                  // it has no effect
)
