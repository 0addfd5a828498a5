package templates

import "github.com/tidwall/gjson"

// A Value is what a placeholder's pointer leads to.
type Value struct {
	// JSON is the value as it was sent. It does not exist (JSON.Exists() is
	// false) when the arguments have nothing at the pointer. Of a string, only
	// Str need be set; Raw, when there is one, is its JSON.
	JSON gjson.Result
	// StandIn says that JSON is a string shown in place of the value, such as
	// "(fixed)". It is written as it is, without percent-encoding.
	StandIn bool
}

// Arguments are what the placeholders of a template point into.
type Arguments interface {
	// Lookup gives the value at p.
	Lookup(p Pointer) Value
	// Shown says that the result is to be read by people: "(configured)"
	// then stands for configured text.
	Shown() bool
}
