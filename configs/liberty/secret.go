package liberty

import (
	"strings"
)

// passphraseVariable is where Liberty looks for what {aes} was encrypted with.
const passphraseVariable = "wlp.password.encryption.key"

// A secret is an attribute that is not copied: egret reads it from a variable of
// the environment.
type secret struct {
	raw   string // as it is written
	key   string // tells it from others
	words string // of which a name is made
	holds string // what the variable holds, in a sentence
}

// secret gives the YAML that reads an attribute from the environment. Where
// server.xml reads it from there, the variable is the same.
func (im *importer) secret(s secret) string {
	for range maxNesting {
		raw := strings.TrimSpace(s.raw)
		m := variablePattern.FindStringSubmatch(raw)
		if m == nil || m[0] != raw {
			break
		}
		if name, ok := strings.CutPrefix(m[1], "env."); ok && environmentPattern.MatchString(name) {
			im.names.mention(name, s.holds)
			return `"${env:` + name + `}"`
		}
		value, ok := im.vars.values[m[1]]
		if !ok {
			value, ok = im.vars.defaults[m[1]]
		}
		s.key, s.words = "variable "+m[1], m[1]
		if !ok {
			break
		}
		s.raw = value
	}
	if kind := encoding(s.raw); kind != "" {
		s.holds += "; its " + kind + " text can stand there as it is"
	}
	return `"${env:` + im.names.name(s.key, s.words, s.holds) + `}"`
}

// encoding names how a password is encoded, as in {xor}, or is "".
func encoding(raw string) string {
	raw = strings.ToLower(strings.TrimSpace(raw))
	for _, kind := range []string{"{xor}", "{aes}"} {
		if strings.HasPrefix(raw, kind) {
			return kind
		}
	}
	return ""
}

// encoded follows variables to the text that a secret has here.
func (im *importer) encoded(raw string) string {
	s, _, _ := im.vars.expand(raw).fixed()
	return encoding(s)
}

// passphrase gives key_passphrase when one of some secrets needs it and
// server.xml sets one of its own. What Liberty uses otherwise is the same for
// all servers.
func (im *importer) passphrase(raws ...string) []pair {
	needed := false
	for _, raw := range raws {
		needed = needed || im.encoded(raw) == "{aes}"
	}
	_, hasValue := im.vars.values[passphraseVariable]
	_, hasDefault := im.vars.defaults[passphraseVariable]
	if !needed || !hasValue && !hasDefault {
		return nil
	}
	return []pair{{"key_passphrase", im.secret(secret{
		raw: "${" + passphraseVariable + "}", key: passphraseVariable, words: passphraseVariable,
		holds: "what {aes} texts are encrypted with",
	})}}
}
