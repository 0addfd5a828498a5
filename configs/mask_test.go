package configs_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// secretForms are ways to write a secret, or to mistype its key, in an entry of
// tokens or clients, or in admin. Each is one line of a mapping in braces.
var secretForms = []string{
	`key: secret123`,
	`Value: secret123`,
	`VALUE: secret123`,
	`vlaue: secret123`,
	`values: secret123`,
	`secret: secret123`,
	`password: "secret123"`,
	`Key_Password: "secret123"`,
	`pasword: {secret123: secret123}`,
	`'secret': 'secret123'`,
	`"val\u0075e": secret123`,
	`"val\x75e": "secret123"`,
	`"\x76\U00000061lue" : secret123`,
	`"s\x65cret": secret123`,
	`"a key": secret123`,
	`'it''s': secret123`,
	`shared-key: secret123`,
	`sharedKey: secret123`,
	`KEY_PASSPHRASE: secret123`,
	`secret: [secret123, {name: secret123}]`,
	`secret: {name: secret123, listen: secret123}`,
	`secret: {secret123: 1, secret123: 2}`,
	`1: secret123`,
	`<<: {value: secret123}`,
	`? secret : secret123`,
	`claims: {key: secret123}`,
	`claims: {Value: secret123, "k\x65y": secret123}`,
	`secret : secret123`,
	`schlüssel: secret123`,
}

// TestMaskingUnknownKeys mistypes keys, in files that YAML takes and in files
// that it does not.
func TestMaskingUnknownKeys(t *testing.T) {
	for _, form := range secretForms {
		block := strings.NewReplacer("? secret : ", "? secret\n    : ").Replace(form)
		for _, text := range []string{
			"tokens:\n  - {name: a, " + form + ", x: y}\n",
			"tokens: [{" + form + ", name: a b}]\n",
			"{tokens: [{" + form + ", name: a b}]}\n",
			"{\"tokens\": [\n{\"name\": \"a b\",\n" + form + "}]}\n",
			"clients:\n  - {" + form + ", name: a b}\n",
			"clients: [{" + form + ", name: a b}]\n",
			"admin: {listen: x, " + form + "}\n",
			"key_stores:\n  - {name: a, " + form + ", x: y}\n",
			"trust_stores: [{" + form + ", name: a b}]\n",
			"key_store:\n  - name: a b\n    " + block + "\n",
			"tokens:\n  - name: a b\n    " + block + "\n",
			"tokens:\n- " + block + "\n  name: a b\n",
			"Clients:\n  - name: a b\n    " + block + "\n",
			"token:\n  - name: a b\n    " + block + "\n",
			"tokens:\n  name: a b\n  " + strings.ReplaceAll(block, "\n    ", "\n  ") + "\n",
			"admin:\n    listen: a b\n    " + block + "\n",
			"\"tok\\u0065ns\":\n  - name: a b\n    " + block + "\n",
		} {
			masks(t, text)
			masks(t, text+"  bad: }\n")
			masks(t, text+"  bad: }\nbad\n")
			masks(t, text+"functions: [}\n")
			masks(t, "listen: 'x\n"+text)
			masks(t, "listen: 127.0.0.1:1\n "+text)
			masks(t, strings.Replace(text, "name: a", "name: {{a", 1))
			masks(t, strings.Replace(text, "secret123", "secret123: secret123: }", 1))
			masks(t, strings.Replace(text, "secret123", "{/secret123}", 1))
		}
	}
}

// TestMaskingAnywhere writes the names of secrets where they have no meaning.
func TestMaskingAnywhere(t *testing.T) {
	for _, text := range []string{
		"egress: {Key: secret123}\n",
		"Value: secret123\n",
		"functions:\n  - {name: a b, vlaue: secret123}\n",
		"functions:\n  - name: a b\n    json:\n      \"val\\u0075e\": {x: 1, x: secret123}\n",
		"caches:\n  - name: a b\n    Shared_Key: |\n      secret123\n      secret123\n    bad\n",
		"egress: {\"k\\u0065y\": secret123\n",
		"egress: {kye: secret123\n",
		"functions:\n  - {name: a b, password: secret123}\n",
		"egress: {passwrd: secret123\n",
		"egress:\n  kye: secret123\n bad\n",
		"tokens:\n  - secret123\n",
		"tokens:\n  - \"secret123\"\n  - x: secret123: }\n",
		"tokens: [secret123, a]\n",
		"clients: secret123\n",
		"clients:\n  - |\n    secret123\n  - 'x\n    secret123'\n",
		"tokens:\n  - secret: |\n      name: secret123\n      cache: secret123\n    name: a b\n",
		"tokens:\n  - secret:\n    - secret123\n    - name: secret123\n    name: a b\n",
		"tokens:\n  - name: a\n    secret: |\n      secret123\n      secret123\n   bad: x\n",
		"tokens:\n  - secret: \"secret123\n      secret123\n",
		"tokens:\n  - {name: a,\n     secret: secret123,\n     \"claims\": {a: b, value: secret123}, x: }}\n",
	} {
		masks(t, text)
	}
}

// TestExcerptKeepsNames shows that what is no secret can be read, so that an
// excerpt is of use.
func TestExcerptKeepsNames(t *testing.T) {
	for text, want := range map[string]string{
		"tokens:\n  - {Name: a b, secret: secret123}\n":                          "- {Name: a b, secret: [secret]}",
		"tokens:\n  - {name: a b, cache: c, claims: {sub: me}, vlaue: s}\n":      "- {name: a b, cache: c, claims: {sub: me}, vlaue: [secret]}",
		"clients: [{name: a b, functions: [f], keys: s}]\n":                      "clients: [{name: a b, functions: [f], keys: [secret]}]",
		"admin: {listen: x, secret: s}\n":                                        "admin: {listen: x, secret: [secret]}",
		"key_stores: [{name: a b, type: JKS, file: f, passphrase: secret123}]\n": "key_stores: [{name: a b, type: JKS, file: f, passphrase: [secret]}]",
		"functions:\n  - {name: a b, secret: s, listen: t}\n":                    "- {name: a b, secret: s, listen: t}",
		"tokens:\n  - name: {{a\n":                                               "- name: {{[secret]",
		"tokens:\n  - name: a\n    secret: s\n  bad\n":                           "bad",
		"tokens:\n  - secret: s\nfunctions:\n  - {name: f, url: x}}\n":           "- {name: f, url: x}}",
	} {
		if got := excerpts(t, text); !strings.Contains(got, "    "+want+"\n") && want != "bad" {
			t.Errorf("%q: got\n%s\nwant an excerpt %q", text, got, want)
		}
	}
}

// masks wants a problem, and no secret in what is shown of it.
func masks(t *testing.T, text string) {
	t.Helper()
	if shown := excerpts(t, text); strings.Contains(shown, "secret123") {
		t.Errorf("%q: got the secret in\n%s", text, shown)
	}
}

// excerpts gives everything that is shown of the problems of a text, and points
// at each of its lines besides.
func excerpts(t *testing.T, text string) string {
	t.Helper()
	cfg, problems := parse(t, text)
	if len(problems) == 0 {
		t.Errorf("%q: got no problem, want one", text)
	}
	shown := append(configs.Problems{}, problems...)
	for _, path := range []string{"tokens", "tokens[0]", "tokens[1]", "key_stores[0]", "trust_stores[0].name", "clients[0]", "clients[1]", "admin", "tokens[0].name", "clients[0].name", "admin.listen", "functions[0]"} {
		shown = append(shown, cfg.Problem(path, "a sentence", ""))
	}
	return shown.Detailed() + "\n" + strings.Join(configs.Shown(text), "\n")
}
