package liberty

import "strings"

// A text is an attribute with its variables put in. Those of the environment
// stay variables: egret reads them when it starts.
type text struct {
	pieces  []piece
	tooLong bool
	rooted  bool // it begins with a directory of the server
}

// A piece is a part of a text: a literal, or a variable of the environment.
type piece struct {
	literal  string
	variable string
	standby  string // what stands in for a variable that is not set
	optional bool   // has a standby
}

func (t *text) add(p piece) {
	last := len(t.pieces) - 1
	switch {
	case p.variable == "" && p.literal == "":
	case p.variable == "" && last >= 0 && t.pieces[last].variable == "":
		t.pieces[last].literal += p.literal
	default:
		t.pieces = append(t.pieces, p)
	}
}

// fixed gives the text as it is without the environment. It is false when that
// leaves a hole; environment says whether a variable could change it.
func (t text) fixed() (s string, environment, ok bool) {
	var b strings.Builder
	ok = !t.tooLong
	for _, p := range t.pieces {
		if p.variable == "" {
			b.WriteString(p.literal)
			continue
		}
		environment = true
		ok = ok && p.optional
		b.WriteString(p.standby)
	}
	return strings.TrimSpace(b.String()), environment, ok
}

// empty reports whether there is nothing but white space.
func (t text) empty() bool {
	s, environment, _ := t.fixed()
	return s == "" && !environment && !t.tooLong
}

// reference writes the text for a place of egret.yaml where ${env:…} is
// expanded. It is false for one in which egret would see a reference that
// Liberty does not: ${file:…} in an imported text could publish any file.
func (t text) reference() (string, bool) {
	var b strings.Builder
	for i, p := range t.pieces {
		switch {
		case p.variable != "" && !p.optional:
			b.WriteString("${env:" + p.variable + "}")
		case p.variable != "":
			if strings.ContainsAny(p.standby, "${}") {
				return "", false
			}
			b.WriteString("${env:" + p.variable + ":-" + p.standby + "}")
		case foreign(p.literal):
			return "", false
		default:
			s := p.literal
			if i == 0 {
				s = strings.TrimLeft(s, " \t\r\n")
			}
			if i == len(t.pieces)-1 {
				s = strings.TrimRight(s, " \t\r\n")
			}
			b.WriteString(s)
		}
	}
	return b.String(), !t.tooLong
}

// foreign reports whether a text has what egret takes for a reference.
func foreign(s string) bool { return strings.Contains(s, "${env:") || strings.Contains(s, "${file:") }

// splitList splits the text of an attribute that has several values. A comma
// separates them, and \ takes the next character as it is. White space around
// values is dropped, and so are those with nothing in them.
func splitList(s string) []string {
	var values []string
	var value strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			value.WriteByte(s[i])
		case s[i] == ',':
			values = append(values, value.String())
			value.Reset()
		case s[i] != '\\':
			value.WriteByte(s[i])
		}
	}
	var full []string
	for _, v := range append(values, value.String()) {
		if v = strings.TrimSpace(v); v != "" {
			full = append(full, v)
		}
	}
	return full
}

// escapeList writes a text so that splitList gives it back.
func escapeList(s string) string { return strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(s) }
