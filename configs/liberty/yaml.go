package liberty

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// A pair is a key and its value, which is YAML already and stands on one line.
type pair struct{ key, value string }

// flow writes {…}.
func flow(pairs []pair) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.key + ": " + p.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// yaml writes the file.
func (im *importer) yaml() []byte {
	var b strings.Builder
	if im.publicURL != "" {
		b.WriteString("\n# Of this Liberty makes the issuer of builders that have none. When egret is reached elsewhere, change it,\n" +
			"# and write issuer in the tokens whose verifiers expect the old one.\n")
		fmt.Fprintf(&b, "public_url: %s\n", yamltext.Quote(im.publicURL))
	}
	for _, s := range []struct {
		key     string
		entries []*entry
	}{{"key_stores", im.keys}, {"trust_stores", im.trusts}, {"subjects", im.subjects}, {"caches", im.caches}, {"tokens", im.tokens}} {
		section(&b, s.key, s.entries)
	}
	im.needed = im.names.used(b.String())
	return []byte(im.heading() + b.String())
}

func section(b *strings.Builder, key string, entries []*entry) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", key)
	for _, e := range entries {
		for _, c := range e.comments {
			yamltext.Comment(b, "  # ", c)
		}
		for i, p := range e.pairs {
			lead := "    "
			if i == 0 {
				lead = "  - "
			}
			fmt.Fprintf(b, "%s%s: %s\n", lead, p.key, p.value)
		}
	}
}

// heading says where the file comes from and what is left to do.
func (im *importer) heading() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made of %s by egret import liberty.\n", yamltext.Safe(filepath.Base(im.server)))
	if len(im.keys)+len(im.trusts) > 0 {
		b.WriteString("# Paths count from the directory of server.xml: keep this file there, or change them.\n")
	}
	var holds []string
	for _, v := range im.needed {
		holds = append(holds, v.name+": "+v.holds)
	}
	yamltext.Comments(&b, "Set these variables before egret starts. No password and no key is copied into this file.", holds)
	yamltext.Comments(&b, "Not carried over:", im.left)
	return b.String()
}
