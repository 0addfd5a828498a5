package templates

import "fmt"

// A SyntaxError says what is wrong with the text of a template.
type SyntaxError struct {
	Offset  int    // in bytes, from the start of the joined source
	Length  int    // of the offending text, in bytes; 0 when it is a place
	Message string // a sentence without a full stop
	Hint    string // what to write instead, or ""
}

func (e *SyntaxError) Error() string { return e.Message }

// A Reason says why a value cannot stand where a template puts it.
type Reason int

// The reasons, each named for the code that a caller gets.
const (
	// MissingArgument: the value is absent or null, and its place cannot be
	// left out.
	MissingArgument Reason = iota + 1
	// UnsafeValue: the value has no faithful form in its place.
	UnsafeValue
)

// A RenderError says which argument could not be placed. It names the pointer
// and the place, never the value.
type RenderError struct {
	Reason  Reason
	Pointer string // as in the template, "/customer/name"
	Detail  string // a sentence for the caller, without the value
}

func (e *RenderError) Error() string { return fmt.Sprintf("argument %s: %s", e.Pointer, e.Detail) }
