package functions

import (
	"fmt"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// mergeFixed adds the Function's fixed arguments to those a caller sent. The
// caller sent none of their names: that was checked before.
func mergeFixed(sent arguments, fixed []member) (gjson.Result, error) {
	if len(fixed) == 0 {
		return sent.root, nil
	}
	merged := sent.text
	var err error
	for _, m := range fixed {
		if merged, err = sjson.SetRawBytes(merged, memberPath(m.name), []byte(m.value)); err != nil {
			return gjson.Result{}, fmt.Errorf("cannot merge fixed argument %q: %w", m.name, err)
		}
	}
	// sjson leaves a document unchanged, without an error, when it does not
	// understand a path. A fixed argument that is not there would be one that
	// the caller's silence had removed.
	root := gjson.ParseBytes(merged)
	for _, m := range fixed {
		if memberOf(root, m.name).Raw != m.value {
			return gjson.Result{}, fmt.Errorf("cannot merge fixed argument %q", m.name)
		}
	}
	return root, nil
}

// memberPath is the sjson path of a top-level member. The leading colon says
// that the name is a member even where it looks like an index; every character
// with a meaning of its own is escaped.
func memberPath(name string) string {
	path := []byte{':'}
	for i := range len(name) {
		if !plainPathByte(name[i]) {
			path = append(path, '\\')
		}
		path = append(path, name[i])
	}
	return string(path)
}

func plainPathByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c >= 0x80:
		return true
	}
	return false
}

// isFixed reports whether the configuration sets this parameter.
func (f *Function) isFixed(parameter string) bool {
	for _, m := range f.fixed {
		if m.name == parameter {
			return true
		}
	}
	return false
}
