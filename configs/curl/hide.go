package curl

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// apart sorts findings and drops those that begin inside of another.
func apart(found []finding) []finding {
	slices.SortFunc(found, func(a, b finding) int { return a.from - b.from })
	end := 0
	return slices.DeleteFunc(found, func(f finding) bool {
		inside := f.from < end
		end = max(end, f.to)
		return inside
	})
}

// hide puts slots in the place of the credentials inside of a text. Without a
// surface they come from the environment.
func (im *importer) hide(s string, surface configs.Surfaces, where string) string {
	return mapText(s, func(text string) string {
		return im.hideFound(text, findCredentials(text), surface, where)
	})
}

func (im *importer) hideFound(text string, found []finding, surface configs.Surfaces, where string) string {
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.from])
		holds := "the credential in " + where
		if surface == 0 {
			b.WriteString(im.configured(text[f.from:f.to], f.words, holds))
		} else {
			b.WriteString(im.credential(text[f.from:f.to], surface, f.words, holds))
		}
		at = f.to
	}
	b.WriteString(text[at:])
	return b.String()
}
