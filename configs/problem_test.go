package configs_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

const lookup = `# Orders
functions:
  - name: lookup_order
    parameters:
      properties:
        order_id: {type: string}
    url: https://api.acme.test/orders/{/ordr_id}
`

func TestProblemForms(t *testing.T) {
	_, problems := configs.Parse("egret.yaml", []byte(lookup), options())
	const want = `egret.yaml:7:10: functions[0].url: placeholder {/ordr_id} is not a parameter of lookup_order
        url: https://api.acme.test/orders/{/ordr_id}
                                          ^ did you mean {/order_id}?`
	if diff := cmp.Diff(want, problems.Detailed()); diff != "" {
		t.Errorf("the long form (-want +got):\n%s", diff)
	}
	if got, _, _ := strings.Cut(want, "\n"); problems.Error() != got {
		t.Errorf("got %q, want %q", problems.Error(), got)
	}
	asJSON, err := json.Marshal(problems)
	const wantJSON = `[{"file":"egret.yaml","line":7,"column":10,"path":"functions[0].url",` +
		`"message":"placeholder {/ordr_id} is not a parameter of lookup_order","hint":"did you mean {/order_id}?"}]`
	if err != nil || string(asJSON) != wantJSON {
		t.Errorf("got JSON %s and error %v, want %s", asJSON, err, wantJSON)
	}
	var as configs.Problems
	if !errors.As(problems.Err(), &as) || len(as) != 1 || configs.Problems(nil).Err() != nil {
		t.Errorf("got %v as an error, want the problems, and nil without any", problems.Err())
	}
}

// TestCaret looks at what stands above the caret, in every kind of text.
func TestCaret(t *testing.T) {
	const head = "functions:\n  - name: f\n    fixed: {ordr: 1}\n    url: https://a.test\n    headers: {Content-Type: text/html}\n"
	for _, text := range []string{
		"    query:\n      a: é {/order}\n",
		"    query:\n      a: \"é {/order}\"\n",
		"    query:\n      a: 'é {/order}'\n",
		"    query: {a: \"é {/order}\"}\n",
		"    query:\n\n      é: {b: \"\"}\n      a: |\n        é\n          x {/order}\n",
		"    body: |2-\n      <é>\n        {/order}\n",
	} {
		_, problems := parse(t, strings.ReplaceAll(head+text, "      é: {b: \"\"}\n", ""))
		if len(problems) != 1 {
			t.Errorf("%q: got %v, want one problem", text, problems)
			continue
		}
		lines := strings.Split(problems.Detailed(), "\n")
		source, caret := []rune(lines[1]), strings.Index(lines[2], "^")
		if got := string(source[caret:]); !strings.HasPrefix(got, "{/order}") || !strings.HasSuffix(lines[2], "{/ordr}?") {
			t.Errorf("%q: got a caret under %q, want it under {/order}:\n%s", text, got, problems.Detailed())
		}
	}
}

func TestConfigProblem(t *testing.T) {
	cfg := good(t, strings.ReplaceAll(lookup, "ordr_id", "order_id"))
	for _, test := range []struct{ path, want string }{
		{"functions[0].url", ":7:10"},
		{"functions[0].parameters.properties.order_id", ":6:19"},
		{"functions[0].parameters.required[3]", ":5:7"},
		{"functions[0].timeout", ":3:5"},
		{`functions[0].headers["X A"]`, ":3:5"},
		{"functions[7].url", ":3:3"},
		{"tokens[0]", ":2:1"},
	} {
		p := cfg.Problem(test.path, "a sentence", "a hint")
		if got, want := p.String(), p.File+test.want+": "+test.path+": a sentence"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !strings.HasSuffix(p.Detailed(), "^ a hint") {
			t.Errorf("got %q, want the hint under a caret", p.Detailed())
		}
	}
	if got, want := (&configs.Config{File: "f"}).Problem("a", "b", "").String(), "f: a: b"; got != want {
		t.Errorf("got %q of a configuration without a file, want %q", got, want)
	}
}

// TestLineBreaks writes a file as Windows does: places and masks stay right.
func TestLineBreaks(t *testing.T) {
	text := "\uFEFF# a comment\n# another\n\ntokens:\n  # here\n  - name: t\n    key: |\n      secret123\n    tipo: 1\n    value: secret123\n"
	_, unix := parse(t, text)
	_, windows := parse(t, strings.ReplaceAll(text, "\n", "\r\n"))
	if diff := cmp.Diff(unix.Detailed(), windows.Detailed()); diff != "" {
		t.Errorf("with LF and with CR LF (-LF +CR LF):\n%s", diff)
	}
	if got := unix.Detailed(); !strings.Contains(got, ":9:5: tokens[0].tipo") || strings.Contains(got, "secret123") {
		t.Errorf("got %s, want tipo at 9:5 and no secret", got)
	}
}

func TestProblemsSort(t *testing.T) {
	got := configs.Problems{
		{File: "b", Line: 1},
		{File: "a", Line: 2},
		{File: "a", Line: 1, Column: 2},
		{File: "a", Line: 1, Column: 1, Path: "y"},
		{File: "a", Line: 1, Column: 1, Path: "x"},
		{File: "a", Line: 2},
	}.Sort()
	const want = "a:1:1: x: \na:1:1: y: \na:1:2: \na:2:0: \nb:1:0: "
	if got.Error() != want {
		t.Errorf("got %q, want %q", got.Error(), want)
	}
}

// TestMasking puts secrets where the file is broken in every way near them.
func TestMasking(t *testing.T) {
	for _, text := range []string{
		"tokens:\n  - {name: a, key: secret123, key: secret123}\n",
		"tokens:\n  - {name: a, 'value': secret123 }}\n",
		"tokens:\n  - {name: a, \"value\": [secret123, {secret123: secret123}], x: y}\n",
		"tokens:\n  - name: a\n    key: |\n      secret123\n      secret123\n   bad: x\n",
		"tokens:\n  - name: a\n    key: \"secret123\n      secret123\n",
		"tokens:\n  - name: a\n    key: >-\n\n      secret123\n\n      secret123\n    value: *secret123\n",
		"tokens:\n  - key: secret123: secret123\n",
		"tokens:\n  - key: {/secret123}\n",
		"tokens:\n  - key: {/secret123}x\n",
		"tokens:\n  - key: [secret123\n",
		"tokens:\n  - key:\n      secret123: 1\n      secret123: 2\n",
		"tokens:\n  - key:\n    - secret123\n    - &secret123 secret123\n",
		"tokens:\n  - ? key\n    : secret123\n",
		"tokens:\n  - {key: # secret123\n      secret123, x: 1}\n",
		"tokens:\n  - {key:\nsecret123, x: 1}\n",
		"tokens:\n  - {x: 1, key:\n\"secret123\nsecret123\", x: 1}\n",
		"tokens:\n  - {shared_key: secret123, key_passphrase: secret123}\n",
		"tokens:\n  - key: !!binary secret123\n",
		"tokens:\n  - key: !secret123 secret123\n",
		"tokens:\n  - key: @secret123\n",
		"tokens:\n  - value: ${env:secret123 secret123\n",
		"admin: {listen: 127.0.0.1:1, key: secret123, key: x, kex: x}\n",
		"clients: [{key: secret123, name: [x]}]\nkey: secret123\n",
		"tokens: [{value: {value: secret123, a: 123456789012345678901234567890 secret123}}]\n",
		"tokens:\n  - key: |\n      -----BEGIN\n      a: secret123\n     secret123\n",
		"tokens:\n- key: secret123\n  x: {\n",
		"tokens:\n- value: 'secret123\n  it''s secret123'\n  x: 1\n",
		"tokens:\r\n- key: |\r\n    secret123\r\n  x: 1\r\n",
	} {
		_, problems := parse(t, text)
		if len(problems) == 0 {
			t.Errorf("%q: got no problem, want one", text)
		}
		if detailed := problems.Detailed(); strings.Contains(detailed, "secret123") {
			t.Errorf("%q: got the secret in\n%s", text, detailed)
		}
	}
}
