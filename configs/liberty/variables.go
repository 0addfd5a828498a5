package liberty

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// variablePattern is a reference to a variable, as Liberty finds it.
var variablePattern = regexp.MustCompile(`\$\{([^${}]*)\}`)

// namePattern is a name that Liberty permits for a variable.
var namePattern = regexp.MustCompile(`^[\w.-]+$`)

// directories are the places of a server that Liberty knows by name, from the
// directory of server.xml.
var directories = map[string]string{
	"server.config.dir":   ".",
	"server.output.dir":   ".",
	"wlp.user.dir":        "../..",
	"wlp.install.dir":     "../../..",
	"shared.app.dir":      "../../shared/apps",
	"shared.config.dir":   "../../shared/config",
	"shared.resource.dir": "../../shared/resources",
}

// variables are those of a document.
type variables struct {
	values   map[string]string // as they are written
	defaults map[string]string
}

// newVariables collects the variables. What server.xml says wins over
// bootstrap.properties, and a later element over an earlier one.
func newVariables(d *document) *variables {
	v := &variables{values: map[string]string{}, defaults: map[string]string{}}
	set := map[string]bool{}
	for _, e := range d.variables {
		name, _ := e.get("name")
		if set[name] && e.includes[len(e.includes)-1].onConflict == ignore {
			continue
		}
		set[name] = true
		delete(v.values, name)
		delete(v.defaults, name)
		if value, ok := e.get("value"); ok {
			v.values[name] = value
		}
		if value, ok := e.get("defaultValue"); ok {
			v.defaults[name] = value
		}
	}
	for name, value := range d.bootstrap {
		if _, ok := v.values[name]; !ok {
			v.values[name] = value
		}
	}
	return v
}

const (
	maxNesting = 16      // of variables in variables
	maxText    = 1 << 13 // bytes of a text with its variables put in
)

// expand puts the variables into a text.
func (v *variables) expand(raw string) text {
	x := &expansion{variables: v}
	x.add(raw, nil)
	return x.text
}

// An expansion is a text whose variables are being put in.
type expansion struct {
	*variables
	text text
	size int
}

// add adds a text. The variables that it stands in are those whose value it is.
func (x *expansion) add(raw string, inside []string) {
	at := 0
	for _, m := range variablePattern.FindAllStringSubmatchIndex(raw, -1) {
		x.literal(raw[at:m[0]])
		if x.size++; x.size > maxText { // each variable costs, also one with no text
			x.text.tooLong = true
			return
		}
		x.variable(raw[m[2]:m[3]], inside)
		at = m[1]
	}
	x.literal(raw[at:])
}

func (x *expansion) literal(s string) {
	if x.size += len(s); x.size > maxText {
		x.text.tooLong = true
		return
	}
	x.text.add(piece{literal: s})
}

// variable adds the value of a variable: that of server.xml or
// bootstrap.properties, a directory, that of the environment when egret starts,
// or its default, in the order of Liberty.
func (x *expansion) variable(name string, inside []string) {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "list("), ")")
	value, known := x.values[name]
	switch {
	case known && !slices.Contains(inside, name) && len(inside) < maxNesting:
		x.add(value, append(slices.Clip(inside), name))
	case known:
		x.literal("${" + name + "}") // Liberty leaves a circle as it is.
	case directories[name] != "":
		x.text.rooted = x.text.rooted || len(x.text.pieces) == 0
		x.literal(directories[name])
	default:
		x.fromEnvironment(name, inside)
	}
}

func (x *expansion) fromEnvironment(name string, inside []string) {
	standby, optional := x.defaults[name]
	if sum, ok := x.compute(name, inside); ok && !optional {
		x.literal(sum)
		return
	}
	variable, ok := strings.CutPrefix(name, "env.")
	if !ok && namePattern.MatchString(name) {
		variable = environmentName(name)
	}
	if !environmentPattern.MatchString(variable) {
		x.literal("${" + name + "}")
		return
	}
	p := piece{variable: variable}
	if optional && !slices.Contains(inside, name) && len(inside) < maxNesting {
		p.standby, _, p.optional = x.inner(standby, name, inside).fixed()
	}
	x.text.add(p)
}

// inner expands a text that is no part of this one, at this one's cost.
func (x *expansion) inner(raw, name string, inside []string) text {
	other := &expansion{variables: x.variables, size: x.size}
	other.add(raw, append(slices.Clip(inside), name))
	x.size = other.size
	return other.text
}

var arithmetic = regexp.MustCompile(`^([\w.]+)([-+*/])([\w.]+)$`)

// compute gives the value of ${one+2}, when both sides are whole numbers here.
func (x *expansion) compute(expression string, inside []string) (string, bool) {
	m := arithmetic.FindStringSubmatch(expression)
	if m == nil || len(inside) >= maxNesting {
		return "", false
	}
	a, okA := x.number(m[1], inside)
	b, okB := x.number(m[3], inside)
	if !okA || !okB || m[2] == "/" && b == 0 {
		return "", false
	}
	result := map[string]func() int64{
		"+": func() int64 { return a + b }, "-": func() int64 { return a - b },
		"*": func() int64 { return a * b }, "/": func() int64 { return a / b },
	}[m[2]]()
	return strconv.FormatInt(result, 10), true
}

// number gives one side of an expression: a number, or a variable that is one.
func (x *expansion) number(side string, inside []string) (int64, bool) {
	if value, ok := x.values[side]; ok {
		other := x.inner(value, side, inside)
		side, _, _ = other.fixed()
	}
	n, err := strconv.ParseInt(side, 10, 32)
	return n, err == nil
}
