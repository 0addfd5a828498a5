package curl

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A command is a curl command line, taken apart.
type command struct {
	left      func(format string, a ...any)
	urls      []string
	method    string
	headers   []string
	data      []datum
	json      bool // --json said what the data is
	query     []string
	form      []formPart
	user      string
	hasUser   bool
	bearer    string
	cookies   []string
	upload    string // a file
	stdin     string // what a here-document gives
	hasStdin  bool
	get, head bool
	globoff   bool
	timeout   string
	connect   string
	retry     string
}

// A datum is one --data option: its text, or the file that it comes from.
type datum struct {
	text   string
	file   string
	isFile bool
	lines  bool // line ends are taken out of the file
	glued  bool // it follows what is before it without a &
	encode bool // of a file: percent-encoded
	name   string
}

// An option is what an import does with an option of curl.
type option struct {
	short byte
	long  string
	value bool // a value follows
	does  func(c *command, value string) error
}

// ignored has no meaning for the request, or for its security.
func ignored(*command, string) error { return nil }

// noted is left out with a sentence.
func noted(sentence string) func(*command, string) error {
	return func(c *command, _ string) error { c.left("%s", sentence); return nil }
}

// refused would make another request without it.
func refused(sentence string) func(*command, string) error {
	return func(*command, string) error { return errors.New(sentence) }
}

// byName and byLetter find the options.
var byName, byLetter = func() (map[string]*option, map[byte]*option) {
	names, letters := map[string]*option{}, map[byte]*option{}
	for i := range options {
		o := &options[i]
		names[o.long] = o
		if o.short != 0 {
			letters[o.short] = o
		}
	}
	return names, letters
}()

// read takes the words behind curl apart, as curl does: letters may be joined,
// and a value follows a long option as a word of its own.
func (c *command) read(words []string) error {
	for i := 0; i < len(words); i++ {
		word := words[i]
		next := func() (string, error) {
			if i++; i >= len(words) {
				return "", errors.New("the last option of the command needs a value")
			}
			return words[i], nil
		}
		var err error
		switch {
		case word == hereDocument:
			c.stdin, err = next()
			c.hasStdin = true
		case strings.HasPrefix(word, "--") && len(word) > 2:
			err = c.long(word[2:], next)
		case strings.HasPrefix(word, "-") && len(word) > 1 && word != "--":
			err = c.letters(word[1:], next)
		case word != "--" && word != "-":
			c.urls = append(c.urls, word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// optionName is a long option that may be shown: it is no secret by mistake.
var optionName = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,30}$`)

func (c *command) long(name string, next func() (string, error)) error {
	if o, ok := byName[name]; ok {
		return c.do(o, next)
	}
	if o, ok := byName[strings.TrimPrefix(name, "no-")]; ok && !o.value {
		return nil // It takes back what is no default.
	}
	switch {
	case strings.Contains(name, "="):
		return errors.New("an option of curl has its value in the next word, not behind a =")
	case optionName.MatchString(name):
		return fmt.Errorf("curl's option --%s is not known", name)
	}
	return errors.New("one of the options is not known")
}

func (c *command) letters(word string, next func() (string, error)) error {
	for i := 0; i < len(word); i++ {
		o, ok := byLetter[word[i]]
		switch {
		case !ok && word[i] > ' ' && word[i] < 0x7f:
			return fmt.Errorf("curl's option -%c is not known", word[i])
		case !ok:
			return errors.New("one of the options is not known")
		case o.value && i+1 < len(word):
			return o.does(c, word[i+1:])
		}
		if err := c.do(o, next); err != nil || o.value {
			return err
		}
	}
	return nil
}

func (c *command) do(o *option, next func() (string, error)) error {
	if !o.value {
		return o.does(c, "")
	}
	value, err := next()
	if err != nil {
		return fmt.Errorf("curl's option --%s needs a value", o.long)
	}
	return o.does(c, value)
}
