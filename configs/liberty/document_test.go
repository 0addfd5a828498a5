package liberty_test

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/liberty"
)

// builders tells the builders of the result, with their issuers and audiences.
func builders(t *testing.T, yaml string) []string {
	t.Helper()
	var found []string
	_, tokens, _ := strings.Cut(yaml, "\ntokens:\n")
	for line := range strings.Lines(tokens) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "- name: "); ok {
			found = append(found, name)
		}
		if issuer, ok := strings.CutPrefix(line, "issuer: "); ok {
			found[len(found)-1] += "=" + issuer
		}
		if audiences, ok := strings.CutPrefix(line, "audiences: "); ok {
			found[len(found)-1] += audiences
		}
	}
	return found
}

// What several elements, files and variables come to, as in Liberty.
func TestDocument(t *testing.T) {
	for _, test := range []struct {
		name     string
		elements string
		others   memory
		want     []string
	}{
		{"the same id is one builder, and the later attribute wins", `<jwtBuilder id="a" issuer="1" scope="s"/><jwtBuilder id="b" issuer="2"/><jwtBuilder id="a" ISSUER="3"/>`, nil, []string{"a=x3", "b=x2"}},
		{"without an id it is defaultJWT", `<jwtBuilder issuer="1"/><jwtBuilder id="defaultJWT" issuer="2"/>`, nil, []string{"defaultJWT=x2"}},
		{"an attribute may be a child", `<jwtBuilder id="a"><issuer> 1 </issuer></jwtBuilder>`, nil, []string{"a=x1"}},
		{"what is included stands where the include does", `<jwtBuilder id="a" issuer="1"/><include location="i.xml"/><jwtBuilder id="b" issuer="2"/>`, memory{"s/i.xml": `<server><jwtBuilder id="a" issuer="3"/><jwtBuilder id="b" issuer="4"/></server>`}, []string{"a=x3", "b=x2"}},
		{"onConflict ignore", `<jwtBuilder id="a" issuer="1"/><include location="i.xml" onConflict="IGNORE"/>`, memory{"s/i.xml": `<server><jwtBuilder id="a" issuer="3"/><jwtBuilder id="c" issuer="4"/></server>`}, []string{"a=x1", "c=x4"}},
		{"onConflict holds for what is included below", `<jwtBuilder id="a" issuer="1"/><include location="i/i.xml" onConflict="ignore"/>`, memory{"s/i/i.xml": `<server><include location="j.xml" onConflict="replace"/></server>`, "s/i/j.xml": `<server><jwtBuilder id="a" issuer="3"/></server>`}, []string{"a=x1"}},
		{"onConflict replace ends lists", `<jwtBuilder id="a"><issuer>1</issuer><audiences>d</audiences></jwtBuilder><include location="i.xml" onConflict="replace"/>`, memory{"s/i.xml": `<server><jwtBuilder id="a"><audiences>e</audiences></jwtBuilder></server>`}, []string{"a=x1[e]"}},
		{"lists go on otherwise", `<jwtBuilder id="a"><issuer>1</issuer><audiences>d</audiences></jwtBuilder><include location="i.xml"/>`, memory{"s/i.xml": `<server><jwtBuilder id="a"><audiences>e</audiences></jwtBuilder></server>`}, []string{"a=x1[d, e]"}},
		{"onConflict holds for variables", `<variable name="v" value="1"/><include location="i.xml" onConflict="ignore"/><jwtBuilder id="a" issuer="${v}"/>`, memory{"s/i.xml": `<server><variable name="v" value="2"/></server>`}, []string{"a=x1"}},
		{"a file that includes itself", `<include location="server.xml"/><jwtBuilder id="a" issuer="1"/>`, nil, []string{"a=x1"}},
		{"a client is read as a server", `<include location="i.xml"/>`, memory{"s/i.xml": `<client><jwtBuilder id="a" issuer="3"/></client>`}, []string{"a=x3"}},
		{"an optional include", `<include location="none.xml" optional="true"/><jwtBuilder id="a" issuer="1"/>`, nil, []string{"a=x1"}},
		{"directories of the server", `<include location="${shared.config.dir}/i.xml"/>`, memory{"../shared/config/i.xml": `<server><jwtBuilder id="a" issuer="3"/></server>`}, []string{"a=x3"}},
		{"a URL is not read", `<include location="https://acme.test/i.xml"/><jwtBuilder id="a" issuer="1"/>`, nil, []string{"a=x1"}},
		{"configDropins", `<jwtBuilder id="a" issuer="1"/><jwtBuilder id="b" issuer="2"/>`, memory{
			"s/configDropins/defaults/d.xml":  `<server><jwtBuilder id="b" issuer="3"/><jwtBuilder id="c" issuer="4"/></server>`,
			"s/configDropins/overrides/B.xml": `<server><jwtBuilder id="a" issuer="5"/></server>`,
			"s/configDropins/overrides/a.xml": `<server><jwtBuilder id="a" issuer="6"/></server>`,
			"s/configDropins/overrides/a.txt": `no XML`,
		}, []string{"b=x2", "c=x4", "a=x5"}},
		{"bootstrap.properties, which server.xml overrides", `<variable name="w" value="2"/><jwtBuilder id="a" issuer="${v}${w}"/>`, memory{"s/bootstrap.properties": "# v=0\n v : 1\nw=1\n"}, []string{"a=x12"}},
		{"variables in variables", `<variable name="v" value="${w}1"/><variable name="w" value="0"/><jwtBuilder id="a" issuer="${v}"/>`, nil, []string{"a=x01"}},
		{"the last variable wins", `<variable name="v" value="1"/><variable name="v" value="2"/><jwtBuilder id="a" issuer="${v}"/>`, nil, []string{"a=x2"}},
		{"variables in a circle", `<variable name="v" value="${w}"/><variable name="w" value="${v}"/><jwtBuilder id="a" issuer="${v}"/>`, nil, []string{`a="x${v}"`}},
		{"sums", `<variable name="v" value="6"/><variable name="w" value="${v*7}"/><jwtBuilder id="a" issuer="${w-2}"/>`, nil, []string{"a=x40"}},
		{"the environment", `<jwtBuilder id="a" issuer="${env.A_b}${my.own-name}"/>`, nil, []string{`a="x${env:A_b}${env:MY_OWN_NAME}"`}},
		{"a default gives way to the environment", `<variable name="v" defaultValue="1${w}"/><variable name="w" value="2"/><jwtBuilder id="a" issuer="${v}"/>`, nil, []string{`a="x${env:V:-12}"`}},
		{"what is no variable", `<jwtBuilder id="a" issuer="$1 ${} ${9} {2} ${x y} $${"/>`, nil, []string{`a="x$1 ${} ${9} {2} ${x y} $${"`}},
		{"what only egret takes for a reference", `<variable name="v" value="$"/><variable name="w" value="{file:/etc/passwd}"/><jwtBuilder id="a" issuer="${v}${w}"/>`, nil, []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			// A letter in front keeps issuers from being quoted.
			elements := strings.NewReplacer(`issuer="`, `issuer="x`, `ISSUER="`, `ISSUER="x`, `<issuer> `, `<issuer> x`, `<issuer>`, `<issuer>x`).Replace(test.elements)
			others := memory{}
			for name, text := range test.others {
				others[name] = strings.ReplaceAll(text, `issuer="`, `issuer="x`)
			}
			got := builders(t, imported(t, elements, others))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("got other builders (-want +got):\n%s", diff)
			}
		})
	}
}

// The users of a registry become subjects, without their passwords.
func TestRegistry(t *testing.T) {
	got := imported(t, `<basicRegistry>
		<user name="a" password="canary"/><user name=" b, c " password="canary"/>
		<user name="two" password="1"/><user name="two" password="2"/>
		<user name="${file:/etc/passwd}" password="canary"/><user password="canary"/>
		<group name="g"><member name="a"/><member name="a"/><member name="nobody"/></group>
	</basicRegistry>`, nil)
	want := `
subjects:
  - name: a
    attributes: {uid: a, displayName: a, principalName: a, groups: [g]}
  - name: "b, c"
    attributes: {uid: "b, c", displayName: "b, c", principalName: "b, c"}
`
	if _, subjects, _ := strings.Cut(got, "\n\n"); "\n"+subjects != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, line := range []string{
		"# - user two, server.xml:3: the registry has it more than once, and Liberty then takes none",
		"# - a user of the basic registry, server.xml:4: the name has ${env:…} or ${file:…} in it, which egret would take for a reference",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("got no line %s in\n%s", line, got)
		}
	}
}

// Each broken server.xml says where, and shows nothing of what stands there.
func TestBroken(t *testing.T) {
	var many strings.Builder
	for range 40 {
		many.WriteString(`<include location="i.xml"/>`)
	}
	for _, test := range []struct {
		file, want string
		others     memory
	}{
		{``, "server.xml:1:1: the file ends inside of an element, or has none", nil},
		{"<server>\n <jwtBuilder", "server.xml:2:13: the file ends inside of an element, or has none", nil},
		{"<server>\n<keyStore password=\"canary&pass\"/></server>", "server.xml:2:32: an & stands alone, or begins the name of an entity that XML does not have", nil},
		{"<!DOCTYPE server [<!ENTITY canary SYSTEM \"file:///etc/passwd\">]><server>&canary;</server>", "server.xml:1:81: an & stands alone, or begins the name of an entity that XML does not have", nil},
		{"<server><keyStore password=\"<canary\"/></server>", "server.xml:1:30: a < stands in a text in quotes", nil},
		{"<server><canary></server>", "server.xml:1:26: an element is closed by the end of another", nil},
		{"<server/></canary>", "server.xml:1:19: an element is closed that was never opened", nil},
		{"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><server/>", "server.xml:1:44: the file is in an encoding other than UTF-8", nil},
		{"<server a=\"\xff\"/>", "server.xml:1:14: the file is not in UTF-8", nil},
		{"<server a=canary/>", "server.xml:1:12: this is no well-formed XML", nil},
		{"\n<canary/>", "server.xml:2:1: the root of the file must be <server>", nil},
		{"<server/><server/>", "server.xml:1:10: the root of the file must be <server>", nil},
		{"<server>" + strings.Repeat("<a>", 40) + "</server>", "server.xml:1:102: elements are nested more than 32 deep", nil},
		{"<server>" + strings.Repeat("<a/>", 20001) + "</server>", "server.xml:1:80005: there are more than 20000 elements", nil},
		{"<server><include/></server>", "server.xml:1:9: an include needs a location", nil},
		{`<server><include location="i.xml"/></server>`, "server.xml:1:9: cannot read s/i.xml: file does not exist", nil},
		{`<server><include location="${dir}/i.xml"/></server>`, "server.xml:1:9: the location has a variable that is not known here", nil},
		{`<server><include location="i.xml"/></server>`, "i.xml:1:7: the file ends inside of an element, or has none", memory{"s/i.xml": "canary"}},
		{"<server>" + many.String() + "</server>", "s/i.xml: there are more than 32 files", memory{"s/i.xml": "<server/>"}},
	} {
		files := memory{"s/server.xml": test.file}
		maps.Copy(files, test.others)
		_, err := liberty.Import("s/server.xml", files)
		if got := fmt.Sprint(err); !strings.HasSuffix(got, test.want) || strings.Contains(got, "canary") {
			t.Errorf("%.80q: got %s, want it to end in %s", test.file, got, test.want)
		}
	}
	if _, err := liberty.Import("none.xml", memory{}); err == nil || err.Error() != "none.xml: cannot read the file: "+fs.ErrNotExist.Error() {
		t.Errorf("got %v for a file that is not there", err)
	}
	if _, err := liberty.Import(t.TempDir(), liberty.Disk{}); err == nil || !strings.Contains(err.Error(), "it is no regular file") {
		t.Errorf("got %v for a directory", err)
	}
}

// A few variables cannot grow into a text that fills the memory.
func TestGrowing(t *testing.T) {
	for _, seed := range []string{`value="0123456789"`, `value=""`, `defaultValue="0"`} {
		var elements strings.Builder
		fmt.Fprintf(&elements, `<variable name="v0" %s/>`, seed)
		attribute, _, _ := strings.Cut(seed, "=")
		for i := range 15 {
			fmt.Fprintf(&elements, `<variable name="v%d" %s="%s"/>`, i+1, attribute, strings.Repeat(fmt.Sprintf("${v%d}", i), 10))
		}
		elements.WriteString(`<jwtBuilder id="a" issuer="${v15}"/>`)
		got := imported(t, elements.String(), nil)
		if len(got) > 10_000 || !strings.Contains(got, "# issuer is left out") {
			t.Errorf("%s: got %d bytes, want the issuer left out: %.900s", seed, len(got), got)
		}
	}
}
