package configs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// document reads what people read of the format.
func document(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "configuration.md"))
	must(t, err)
	return string(data)
}

// TestDocumentedKeys looks for each key of tokens, and of what they refer to, in
// a table of the document.
func TestDocumentedKeys(t *testing.T) {
	text := document(t)
	for place, before := range map[string]string{
		"": "", "/$defs/token": "", "/$defs/jwk": "jwk.", "/$defs/time": "time.", "/$defs/encrypt": "",
		"/$defs/keyStore": "", "/$defs/trustStore": "", "/$defs/subject": "",
	} {
		for _, key := range configs.Sections()[place].Keys {
			whole := key == "jwk" || key == "time" || key == "encrypt" // Each has a section of its own.
			row := regexp.MustCompile("(?m)^\\|[^|]*`" + before + key + "`[^|]*\\|")
			if !row.MatchString(text) && !whole {
				t.Errorf("no table has a row for %s%s", before, key)
			}
		}
	}
}

// TestDocumentedTokens reads the examples of tokens in the document, beside what
// they refer to.
func TestDocumentedTokens(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(document(t), -1)
	stores, found := "", 0
	for _, block := range blocks {
		if strings.Contains(block[1], "key_stores:") {
			stores = block[1]
		}
	}
	for _, block := range blocks {
		if !strings.HasPrefix(block[1], "tokens:") {
			continue
		}
		found++
		text := stores + block[1] + "caches:\n"
		for _, name := range regexp.MustCompile(`\bcache: (\w+)`).FindAllStringSubmatch(block[1], -1) {
			text += "  - {name: " + name[1] + ", ttl: 1h, hosts: [api.acme.test]}\n"
		}
		o := options()
		o.AllowUnset = true
		if _, problems := configs.Parse("egret.yaml", []byte(text), o); len(problems) > 0 {
			t.Errorf("got problems of\n%s\nwant none:\n%s", block[1], problems.Detailed())
		}
	}
	if found < 5 || stores == "" {
		t.Errorf("got %d examples of tokens and the stores %q, want 5 or more and some", found, stores)
	}
}
