package curl

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A credential is one that the command has in clear. It becomes a static Token
// with a cache of its own, and an argument that is fixed to the cache's ID.
type credential struct {
	value    string // is written nowhere
	name     string // of cache, Token and argument
	variable string // that holds it
	surfaces configs.Surfaces
}

// A cleared is a credential whose text is replaced wherever else it stands.
type cleared struct{ value, variable string }

// leastCleared is how long a credential is at least that is searched for in other
// texts, in bytes: a shorter one is a part of words.
const leastCleared = 8

// credential gives the slot for a credential that stands on a surface. Words are
// what its name is made of, holds is where it stands, in a sentence.
func (im *importer) credential(value string, surface configs.Surfaces, words, holds string) string {
	if value == "" {
		return ""
	}
	for _, c := range im.credentials {
		if c.value == value {
			c.surfaces |= surface
			return im.slot(slot{parameter: c.name})
		}
	}
	c := &credential{value: value, name: im.unique(name(im.host + "_" + words)), surfaces: surface}
	c.variable = im.variable(value, c.name, holds)
	im.credentials = append(im.credentials, c)
	return im.slot(slot{parameter: c.name})
}

// configured gives the slot for a credential that stands where no cache ID may,
// such as in a path: the text itself comes from the environment.
func (im *importer) configured(value, words, holds string) string {
	for _, c := range im.credentials {
		if c.value == value {
			return im.slot(slot{variable: c.variable})
		}
	}
	for _, c := range im.cleared {
		if c.value == value {
			return im.slot(slot{variable: c.variable})
		}
	}
	return im.slot(slot{variable: im.variable(value, name(im.host+"_"+words), holds)})
}

// variable gives the variable that holds a credential: the one of the shell, or
// one that is named after it.
func (im *importer) variable(value, after, holds string) string {
	variable := im.named(value)
	if variable == "" {
		variable = im.unique(environmentName(after))
	}
	im.hold(variable, holds)
	if len(value) >= leastCleared && !hasSlot(value) {
		im.cleared = append(im.cleared, cleared{value, variable})
	}
	return variable
}

// clearOf puts the variables of credentials in the place of their texts, and gives
// names to the variables of the shell that have none.
func (im *importer) clearOf(s string) string {
	for _, c := range slices.Concat(im.cleared, im.known) {
		if strings.Contains(s, c.value) {
			s = mapText(s, func(text string) string {
				return strings.ReplaceAll(text, c.value, im.slot(slot{variable: c.variable}))
			})
		}
	}
	for _, p := range im.pieces(s) {
		switch {
		case p.slot == nil || p.slot.parameter != "":
		case p.slot.unnamed:
			p.slot.variable, p.slot.unnamed = im.unique(environmentName(im.host+"_value")), false
			im.hold(p.slot.variable, "what the shell computes in the command")
		default:
			im.hold(p.slot.variable, "what the command reads from it")
		}
	}
	return s
}

// name makes the name of an entry of some text.
func name(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(withoutSlots(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	const most = 56 // of 64, for the number of one with the same name
	s = b.String()
	return strings.Trim(s[:min(len(s), most)], "_")
}

// environmentName makes the name of a variable of that of an entry.
func environmentName(s string) string {
	s = strings.ToUpper(name(s))
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "X_" + s
	}
	return s
}
