package liberty

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

const (
	maxDepth    = 32    // of elements in each other
	maxElements = 20000 // in all files
)

// A scanner reads the elements of one file.
type scanner struct {
	file  string
	shown string
	xml   *xml.Decoder
	count *int // of elements in all files
}

// scan reads a file whose root is <server> or <client>. Nothing outside of the
// file is read: entities that it declares are unknown.
func scan(file, shown string, data []byte, count *int) (*element, error) {
	s := &scanner{file: file, shown: shown, xml: xml.NewDecoder(bytes.NewReader(data)), count: count}
	var root *element
	for {
		at := s.here()
		token, err := s.xml.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, s.syntax(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case root != nil || start.Name.Local != "server" && start.Name.Local != "client":
			at.Message = "the root of the file must be <server>"
			return nil, configs.Problems{at}
		}
		if root, err = s.element(start, at, 1); err != nil {
			return nil, err
		}
	}
}

// element reads what stands between a start, which is at a place, and its end.
func (s *scanner) element(start xml.StartElement, at configs.Problem, depth int) (*element, error) {
	*s.count++
	e := &element{name: start.Name.Local, place: at, shown: s.shown}
	if depth > maxDepth {
		return nil, e.problem(fmt.Sprintf("elements are nested more than %d deep", maxDepth), "")
	}
	if *s.count > maxElements {
		return nil, e.problem(fmt.Sprintf("there are more than %d elements", maxElements), "")
	}
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			e.set(attribute{a.Name.Local, a.Value})
		}
	}
	var text strings.Builder
	for {
		at := s.here()
		token, err := s.xml.Token()
		if err != nil {
			return nil, s.syntax(err)
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			child, err := s.element(t, at, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			e.text = strings.TrimSpace(text.String())
			return e, nil
		}
	}
}

// here is where the reader is.
func (s *scanner) here() configs.Problem {
	line, column := s.xml.InputPos()
	return configs.Problem{File: s.file, Line: line, Column: column}
}

func (s *scanner) problem(message, hint string) configs.Problems {
	p := s.here()
	p.Message, p.Hint = message, hint
	return configs.Problems{p}
}

// syntax says what the parser did not like, in a sentence of ours: its own may
// quote a password.
func (s *scanner) syntax(err error) configs.Problems {
	for _, sentence := range syntaxSentences {
		if strings.Contains(err.Error(), sentence.library) {
			return s.problem(sentence.ours, sentence.hint)
		}
	}
	return s.problem("this is no well-formed XML", "")
}

// syntaxSentences says the parser's messages in our words. The first that fits
// wins.
var syntaxSentences = []struct{ library, ours, hint string }{
	{"entity", "an & stands alone, or begins the name of an entity that XML does not have", "write &amp; for an &"},
	{"unescaped < inside", "a < stands in a text in quotes", "write &lt; for a <"},
	{"closed by", "an element is closed by the end of another", ""},
	{"unexpected end element", "an element is closed that was never opened", ""},
	{"EOF", "the file ends inside of an element, or has none", ""},
	{"encoding", "the file is in an encoding other than UTF-8", "save it as UTF-8"},
	{"UTF-8", "the file is not in UTF-8", "save it as UTF-8"},
}
