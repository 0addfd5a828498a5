package functions

import (
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A textChecker is what a schema says of strings.
type textChecker struct {
	least, most int // in characters; most is -1 for no limit
	pattern     jsonschema.Regexp
	format      func(any) error   // the library's, or nil
	quick       func(string) bool // says yes to some texts of the format, or nil
}

func (c *textChecker) set(s *jsonschema.Schema) bool {
	c.least, c.most = limits(s.MinLength, s.MaxLength)
	c.pattern = s.Pattern
	if s.Format != nil {
		c.format = s.Format.Validate
		c.quick = quickFormats[s.Format.Name]
	}
	return true
}

func (c *textChecker) check(text string) verdict {
	if c.least > 0 || c.most >= 0 {
		if !within(utf8.RuneCountInString(text), c.least, c.most) {
			return no
		}
	}
	if c.pattern != nil && !c.pattern.MatchString(text) {
		return no
	}
	if c.format == nil || c.quick != nil && c.quick(text) {
		return yes
	}
	return verdictOf(c.format(text) == nil)
}
