package liberty

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// environmentPattern is what egret takes for the name of a variable.
var environmentPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// An environment gives names to the variables that hold what is not copied.
type environment struct {
	taken map[string]bool   // names that server.xml means something by
	given map[string]string // by what they hold
	told  []held
}

// A held is a variable that the reader has to set, and what it holds.
type held struct{ name, holds string }

// newEnvironment knows the names that any text of a document refers to.
func newEnvironment(d *document) *environment {
	n := &environment{taken: map[string]bool{}, given: map[string]string{}}
	for _, e := range slices.Concat(d.elements, d.variables) {
		n.take(e)
	}
	return n
}

func (n *environment) take(e *element) {
	values := []string{e.text}
	for _, a := range e.attributes {
		values = append(values, a.value)
	}
	for _, value := range values {
		for _, m := range variablePattern.FindAllStringSubmatch(value, -1) {
			if name, ok := strings.CutPrefix(m[1], "env."); ok {
				n.taken[name] = true
			}
		}
	}
	for _, c := range e.children {
		n.take(c)
	}
}

// name gives the variable that holds something: the same one whenever it is
// asked for the same key. The name is made of words.
func (n *environment) name(key, words, holds string) string {
	if name, ok := n.given[key]; ok {
		return name
	}
	stem := environmentName(words)
	name := stem
	for i := 2; n.taken[name]; i++ {
		name = stem + "_" + strconv.Itoa(i)
	}
	n.taken[name], n.given[key] = true, name
	n.told = append(n.told, held{name, holds})
	return name
}

// mention notes a variable that server.xml names itself.
func (n *environment) mention(name, holds string) {
	if !slices.ContainsFunc(n.told, func(t held) bool { return t.name == name }) {
		n.told = append(n.told, held{name, holds})
	}
}

// referencePattern is a reference of egret.yaml to a variable.
var referencePattern = regexp.MustCompile(`\$\{env:(\w+)(:-)?`)

// used lists the variables that a text refers to, in its order.
func (n *environment) used(text string) []held {
	var all []held
	for _, m := range referencePattern.FindAllStringSubmatch(text, -1) {
		h := held{m[1], "what Liberty reads from it"}
		if m[2] != "" {
			h.holds += "; it has a default"
		}
		if i := slices.IndexFunc(n.told, func(t held) bool { return t.name == m[1] }); i >= 0 {
			h = n.told[i]
		}
		if !slices.ContainsFunc(all, func(t held) bool { return t.name == m[1] }) {
			all = append(all, h)
		}
	}
	return all
}

// environmentName writes a name as Liberty looks for it in the environment: in
// upper case, and with _ for what is no letter or digit.
func environmentName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return '_'
		}
		return r
	}, s)
	return strings.ToUpper(s)
}

// words makes a name of one such as defaultKeyStore.
func words(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(s[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	name := environmentName(b.String())
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "X_" + name
	}
	return name
}
