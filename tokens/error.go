package tokens

import "strings"

// An Error is what is wrong with one field of a Token. It names the fact, never
// a part of a key or a value.
type Error struct {
	Field   string // as in the file: "key", "key_type", "algorithm", "claims.exp", "header.crit", …; "ttl" is the cache's
	Message string // a sentence without a full stop
	Hint    string // what to write instead, or ""
	Follows bool   // from a problem that is reported where it is, such as that of a store
}

func (e *Error) Error() string { return e.Field + ": " + e.Message }

// in is the error about something that the value of field refers to.
func (e *Error) in(field string) *Error {
	placed := *e
	placed.Field = field
	return &placed
}

// Errors is everything that is wrong with a Token. errors.As finds the first
// [Error] in it.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, each := range e {
		texts[i] = each.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives each error.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, each := range e {
		errs[i] = each
	}
	return errs
}
