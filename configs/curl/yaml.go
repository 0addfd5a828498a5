package curl

import (
	"fmt"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// yaml writes the file.
func (im *importer) yaml(f *function) []byte {
	var b strings.Builder
	im.heading(&b)
	if len(im.credentials) > 0 {
		b.WriteString("\ncaches:\n")
		for _, c := range im.credentials {
			fmt.Fprintf(&b, "  - name: %s\n    id: %s\n    ttl: 1h\n    hosts: [%s]\n    surfaces: [%s]\n",
				yamltext.Quote(c.name), c.id(), f.hosts, strings.ReplaceAll(c.surfaces.String(), " and ", ", "))
			if f.cleartext {
				b.WriteString("    cleartext: true # The URL has no TLS: whoever is on the way can read the credential.\n")
			}
		}
		b.WriteString("\ntokens:\n")
		for _, c := range im.credentials {
			fmt.Fprintf(&b, "  - {name: %s, cache: %[1]s, value: \"${env:%s}\"}\n", yamltext.Quote(c.name), c.variable)
		}
	}
	fmt.Fprintf(&b, "\nfunctions:\n  - name: %s\n", yamltext.Quote(f.name))
	im.arguments(&b)
	for _, p := range f.pairs {
		fmt.Fprintf(&b, "    %s:%s\n", p.key, p.value)
	}
	return []byte(b.String())
}

// heading says what is left to do.
func (im *importer) heading(b *strings.Builder) {
	b.WriteString("# Made of a curl command by egret import curl.\n")
	var holds []string
	for _, v := range im.variables {
		holds = append(holds, v.name+": "+v.holds)
	}
	yamltext.Comments(b, "Set these variables before egret starts. No credential is copied into this file.", holds)
	yamltext.Comments(b, "Not carried over as it is:", im.left)
}

// arguments writes parameters and fixed.
func (im *importer) arguments(b *strings.Builder) {
	if len(im.parameters) > 0 {
		names := make([]string, len(im.parameters))
		for i, p := range im.parameters {
			names[i] = yamltext.Quote(p.name)
		}
		fmt.Fprintf(b, "    parameters:\n      type: object\n      required: %s\n      properties:\n", yamltext.FlowList(names))
		for _, p := range im.parameters {
			kind := "type: string, "
			switch {
			case p.anything:
				kind = ""
			case p.base64:
				kind += "contentEncoding: base64, "
			}
			fmt.Fprintf(b, "        %s: {%sdescription: %s}\n", yamltext.Quote(p.name), kind, yamltext.Quote(p.description))
		}
	}
	if len(im.credentials)+len(im.fixed) == 0 {
		return
	}
	b.WriteString("    fixed:\n")
	for _, c := range im.credentials {
		fmt.Fprintf(b, "      %s: %s\n", yamltext.Quote(c.name), c.id())
	}
	for _, p := range im.fixed {
		fmt.Fprintf(b, "      %s: %s\n", yamltext.Quote(p.key), p.value)
	}
}

// todo says what is left to do.
func (im *importer) todo(f *function) []string {
	var names []string
	for _, v := range im.variables {
		names = append(names, v.name)
	}
	todo := []string{"write instructions into " + f.name + ": when an agent should call it"}
	return append(todo, yamltext.Remaining(names, len(im.left))...)
}
