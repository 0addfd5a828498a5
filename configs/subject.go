package configs

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// A Subject is somebody whom tokens speak of, and what is known of them.
type Subject struct {
	Path       string          // of the entry, such as "subjects[0]"
	Name       string          // what claims.sub says
	Attributes json.RawMessage `json:"-"` // an object, or nil
}

// Format writes the place alone under every verb.
func (s Subject) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "{%s}", s.Path) }

// A subjectEntry is a subject whose attributes can be found, because many
// tokens may ask for them.
type subjectEntry struct {
	*Subject
	attributes directory[string] // as JSON
}

func newSubjectEntry(s *Subject) *subjectEntry {
	entry := &subjectEntry{Subject: s}
	gjson.ParseBytes(s.Attributes).ForEach(func(name, value gjson.Result) bool {
		entry.attributes.add(name.String(), value.Raw)
		return true
	})
	return entry
}

var subject = section[Subject]{aSubject, []field[Subject]{
	{"name", true, func(d *decoder, n *node, s *Subject) { s.Name = d.subjectName(n) }},
	{"attributes", false, func(d *decoder, n *node, s *Subject) { s.Attributes = d.object(n, true) }},
}}

func decodeSubjects(d *decoder, n *node, cfg *Config) {
	d.each(n, func(n *node) {
		s := Subject{Path: n.path}
		subject.decode(d, n, &s)
		cfg.Subjects = append(cfg.Subjects, s)
	})
}

// subjectName reads a name as a user registry has it: any text.
func (d *decoder) subjectName(n *node) string {
	s, ok := d.plain(n)
	if ok && s == "" {
		d.problem(n, "the name is empty", "")
	}
	return s
}

// attributeName reads the name of a claim that is an attribute of a subject.
func (d *decoder) attributeName(n *node) {
	s, ok := d.plain(n)
	switch {
	case !ok:
	case s == "":
		d.problem(n, "the name is empty", "")
	case slices.Contains(ownTimes, s):
		d.problem(n, s+" is a time, which no attribute gives", "")
	}
}

// fillSubject takes the claims that subject_claims names from the subject.
func (d *decoder) fillSubject(t *tokenEntry) {
	n := t.node.member("subject_claims")
	if n == nil || d.doubtful(n.path) {
		return
	}
	s := d.subjectOf(t, n)
	if s == nil || d.doubtful(s.Path) {
		return
	}
	object := []byte{'{'}
	for _, item := range n.items {
		value, ok := s.attributes.byName[item.text]
		if !ok {
			d.problem(item, fmt.Sprintf("subject %s has no attribute %s", s.Name, item.text), d.nearName(item.text, s.attributes.names))
			continue
		}
		if len(object) > 1 {
			object = append(object, ',')
		}
		object, _ = jsontext.AppendQuote(object, item.text)
		object = append(append(object, ':'), value...)
	}
	t.Subject = append(object, '}')
}

// subjectOf finds the subject that claims.sub names.
func (d *decoder) subjectOf(t *tokenEntry, n *node) *subjectEntry {
	claims := t.node.member("claims")
	if claims == nil || claims.kind == mapping && claims.member("sub") == nil {
		d.problem(n, "subject_claims needs claims.sub", "write the name of one of subjects there")
		return nil
	}
	sub := claims.member("sub")
	if sub == nil || d.doubtful(sub.path) || t.Claims == nil {
		return nil
	}
	x, ok := d.setting(sub)
	if !ok {
		return nil
	}
	if s := d.subjects.byName[x.text()]; s != nil {
		return s
	}
	d.wrong(x, 0, "there is no subject "+x.text(), d.nearName(x.text(), d.subjects.names))
	return nil
}
