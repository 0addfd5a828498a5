package liberty

import (
	"strconv"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// maxName is the length of the longest name of egret.yaml, less what makes it
// unique.
const maxName = 60

// uniqueName makes a name of egret.yaml of an id, other than those of a list.
func uniqueName(list []*entry, id string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("._-", r):
			return r
		}
		return '_'
	}, id)
	if len(name) > maxName {
		name = name[:maxName]
	}
	stem := name
	for i := 2; taken(list, name); i++ {
		name = stem + "_" + strconv.Itoa(i)
	}
	return name
}

func taken(list []*entry, name string) bool {
	for _, e := range list {
		if e.pairs[0].value == yamltext.Quote(name) {
			return true
		}
	}
	return false
}

// urlSafe reports whether an id can stand in a URL as it is, which egret's and
// Liberty's ids do (RFC 3986 section 2.3).
func urlSafe(id string) bool {
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-") == ""
}

// identify writes the id of a token whose name is another.
func (b *builder) identify(name string) {
	if urlSafe(b.id) {
		b.put("id", yamltext.Quote(b.id))
		return
	}
	b.note("the id cannot stand in a URL, so it is %s here, in the issuer too", name)
}
