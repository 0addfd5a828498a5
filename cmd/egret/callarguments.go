package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"
)

// callArguments reads the arguments out of -d, or out of key=value. Parameters
// gives the schema of the Function; it is asked only when a value needs it.
func callArguments(cmd *cobra.Command, pairs []string, parameters func() (gjson.Result, error)) ([]byte, error) {
	data, _ := cmd.Flags().GetString("data")
	switch {
	case data != "" && len(pairs) > 0:
		return nil, &usageError{errors.New("the arguments are given either with -d or as key=value")}
	case data == "-", strings.HasPrefix(data, "@"):
		text, err := readArgument(cmd, strings.TrimPrefix(data, "@"))
		if err != nil {
			return nil, &usageError{fmt.Errorf("cannot read arguments: %w", err)}
		}
		return text, nil
	case data != "":
		return []byte(data), nil
	case len(pairs) == 0:
		return []byte("{}"), nil
	}
	schema, err := parameters()
	if err != nil {
		return nil, err
	}
	return pairedArguments(schema, pairs, func(file string) ([]byte, error) { return readArgument(cmd, file) })
}

// readArgument reads a file; - is what comes in on stdin.
func readArgument(cmd *cobra.Command, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(file) //nolint:gosec // The file that the user names.
}

// pairedArguments makes an object of pairs. A value is a text unless :=, or
// what the Function's parameters say of it, makes it something else.
func pairedArguments(parameters gjson.Result, pairs []string, read func(file string) ([]byte, error)) ([]byte, error) {
	root := &argument{schema: parameters}
	for _, text := range pairs {
		p, err := parsePair(text, read)
		if err == nil {
			err = root.set(p, p.path)
		}
		if err != nil {
			return nil, &usageError{err}
		}
	}
	return json.Marshal(root)
}

// An argument is a value that is put together: an object of members, or one
// value, or the elements of a list.
type argument struct {
	schema  gjson.Result
	members map[string]*argument
	values  []pair
}

// set puts a pair where its path leads.
func (a *argument) set(p pair, path []string) error {
	if len(path) > 0 {
		if len(a.values) > 0 {
			return fmt.Errorf("argument %q is inside of %q, which has a value already", p.written, a.values[0].written)
		}
		if a.members == nil {
			a.members = map[string]*argument{}
		}
		if a.members[path[0]] == nil {
			a.members[path[0]] = &argument{schema: a.schema.Get("properties").Map()[path[0]]}
		}
		return a.members[path[0]].set(p, path[1:])
	}
	switch {
	case a.members != nil:
		return fmt.Errorf("argument %q has a value, and members of its own", p.written)
	case len(a.values) > 0 && (!a.isList() || a.whole(a.values[0]) || a.whole(p)):
		return fmt.Errorf("argument %q is given twice", p.written)
	}
	a.values = append(a.values, p)
	return nil
}

// isList reports whether the parameter takes a list, so that its key may be
// given for each element.
func (a *argument) isList() bool { return slices.Contains(types(a.schema), "array") }

// whole reports whether a pair gives the list rather than an element of it.
func (a *argument) whole(p pair) bool {
	return gjson.Valid(p.value) && gjson.Parse(p.value).IsArray()
}

// MarshalJSON gives the value.
func (a *argument) MarshalJSON() ([]byte, error) {
	switch {
	case len(a.values) == 0:
		if a.members == nil {
			return []byte("{}"), nil
		}
		return json.Marshal(a.members)
	case !a.isList() || a.whole(a.values[0]) || len(a.values) == 1 && a.values[0].isJSON:
		return a.values[0].json(a.schema), nil
	}
	elements := make([]json.RawMessage, len(a.values))
	for i, p := range a.values {
		elements[i] = p.json(a.schema.Get("items"))
	}
	return json.Marshal(elements)
}
