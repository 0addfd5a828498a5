package templates_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/templates"
)

func TestURLParts(t *testing.T) {
	for _, test := range []struct{ text, scheme, host, port, authority, target string }{
		{"https://api.acme.test", "https", "api.acme.test", "443", "api.acme.test", "/"},
		{"HTTPS://API.Acme.Test./", "https", "api.acme.test", "443", "api.acme.test", "/"},
		{"http://api.acme.test?a=1", "http", "api.acme.test", "80", "api.acme.test", "/?a=1"},
		{"http://h:8080/a//b/%2F;x=1/@:!$&'()*+,=", "http", "h", "8080", "h:8080", "/a//b/%2F;x=1/@:!$&'()*+,="},
		{"https://h:443/", "https", "h", "443", "h:443", "/"},
		{"http://127.0.0.1:80/", "http", "127.0.0.1", "80", "127.0.0.1:80", "/"},
		{"http://[2001:DB8::1]/", "http", "2001:db8::1", "80", "[2001:db8::1]", "/"},
		{"http://[::1]:8080/", "http", "::1", "8080", "[::1]:8080", "/"},
		{"https://xn--bcher-kva.test/", "https", "xn--bcher-kva.test", "443", "xn--bcher-kva.test", "/"},
		{"https://1.2.example/", "https", "1.2.example", "443", "1.2.example", "/"},
		// Bytes of path and query stay as they are.
		{"https://h/%7e/a+b/...?x=a+b&&y&=&%c3%bc=/?", "https", "h", "443", "h", "/%7e/a+b/...?x=a+b&&y&=&%c3%bc=/?"},
		{"https://h/p?", "https", "h", "443", "h", "/p?"},
		{"https://h/?://x", "https", "h", "443", "h", "/?://x"},
	} {
		u := mustURL(t, test.text)
		got, err := u.AppendTarget([]byte("."), document{})
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(
			[]string{test.scheme, test.host, test.port, test.authority, "." + test.target},
			[]string{u.Scheme(), u.Host(), u.Port(), u.Authority(), string(got)}); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.text, diff)
		}
		whole, err := u.AppendURL(nil, document{})
		if want := test.scheme + "://" + test.authority + test.target; string(whole) != want || err != nil {
			t.Errorf("%s: AppendURL gives %s, %v; want %s", test.text, whole, err, want)
		}
	}
}

func TestURLSegments(t *testing.T) {
	for _, test := range []struct{ url, x, want string }{
		{"https://h/{/x}", "a/../b", "/a%2F..%2Fb"},
		{"https://h/{/x}", "a;b=c", "/a%3Bb%3Dc"},
		{"https://h/{/x}{/x}", "..", "/...."},
		{"https://h/{/x}{/x}", ".", unsafe},
		{"https://h/.{/x}", ".", unsafe},
		{"https://h/{/x}.", ".", unsafe},
		{"https://h/%2e{/x}", ".", unsafe},
		{"https://h/{/x}%2E/a", ".", unsafe},
		{"https://h/a/{/x}/b", "..", unsafe},
		{"https://h/a/{/x}?y=1", "..", unsafe},
		{"https://h/.{/x}.", ".", "/..."},
		// What follows a semicolon is cut off by many readers, some after decoding.
		{"https://h/v1/{/x};v=1/x", "..", unsafe},
		{"https://h/v1/{/x};v=1", ".", unsafe},
		{"https://h/v1/{/x};v=1?a=b", "..", unsafe},
		{"https://h/v1/.{/x};", ".", unsafe},
		{"https://h/v1/{/x}%3Bv=1", "..", unsafe},
		{"https://h/v1/{/x}", "..;v=1", unsafe},
		{"https://h/v1/{/x};v={/x}/x", "..", unsafe},
		{"https://h/v1/{/x};v=1/x", "a", "/v1/a;v=1/x"},
		{"https://h/v1/{/x};v=../x", "...", "/v1/...;v=../x"},
		{"https://h/v1/a;v={/x}/x", "..", "/v1/a;v=../x"},
		{"https://h/v1/;v={/x}/x", "..", "/v1/;v=../x"},
		{"https://h/%2f{/x}", ".", "/%2f."},
		{"https://h?a={/x}", "..", "/?a=.."},
	} {
		got, err := mustURL(t, test.url).AppendTarget(nil, text(test.x))
		if got := outcome(t, string(got), err); got != test.want {
			t.Errorf("%s with %q: got %s, want %s", test.url, test.x, got, test.want)
		}
	}
}

// TestURLSegmentBlames looks at which placeholder is refused: the one that
// makes the dots, not one among the parameters of the segment.
func TestURLSegmentBlames(t *testing.T) {
	args := document{json: `{"a": "..", "b": "1", "c": "..;"}`}
	for url, want := range map[string]string{
		"https://h/v1/{/a};v={/b}/x":    "/a",
		"https://h/v1/{/a}%3B{/b}/x":    "/a",
		"https://h/v1/{/c}{/b}/x":       "/c",
		"https://h/{/b};{/b}/{/a}/{/b}": "/a",
	} {
		_, err := mustURL(t, url).AppendTarget(nil, args)
		var refused *templates.RenderError
		if !errors.As(err, &refused) || refused.Pointer != want {
			t.Errorf("%s: got %v, want %s refused", url, err, want)
		}
	}
}

func TestURLQuery(t *testing.T) {
	args := document{json: `{"x": "v", "list": [1, 2], "none": null}`}
	for url, want := range map[string]string{
		"https://h/?a={/none}":                             "/",
		"https://h/?a={/none}&b={/none}":                   "/",
		"https://h/?a={/none}&b={/x}":                      "/?b=v",
		"https://h/?a={/none}&b=1":                         "/?b=1",
		"https://h/?a=1&b={/none}":                         "/?a=1",
		"https://h/?a=1&b={/none}&":                        "/?a=1&",
		"https://h/?&a={/x}&&b={/list}&c":                  "/?&a=v&&b=1&b=2&c",
		"https://h/?a=b={/x}=c":                            "/?a=b=v=c",
		"https://h/?={/x}":                                 "/?=v",
		"https://h/?a={/x}{/x}":                            "/?a=vv",
		"https://h/?a=\\":                                  "",
		"https://h/{/x}?a={/x}&/?x={/list}&/customer=%20x": "/v?a=v&/?x=1&/?x=2&/customer=%20x",
	} {
		u, err := templates.ParseURL(templates.Text(url))
		if want == "" {
			if err == nil {
				t.Errorf("%s has no error", url)
			}
			continue
		}
		got, err := u.AppendTarget(nil, args)
		if string(got) != want || err != nil {
			t.Errorf("%s: got %s, %v; want %s", url, got, err, want)
		}
	}
}

func TestWithQuery(t *testing.T) {
	base := mustURL(t, "https://h/p?a={/x}")
	both := base.WithQuery([]templates.Param{mustParam(t, "a", "</x>"), mustParam(t, "p q&", "1&2"), mustParam(t, "n", "</none>")})
	other := base.WithQuery([]templates.Param{mustParam(t, "b", "2")})
	args := document{json: `{"x": "v"}`}
	for _, test := range []struct {
		url  *templates.URL
		want string
	}{
		{base, "/p?a=v"},
		{both, "/p?a=v&a=v&p%20q%26=1%262"},
		{other, "/p?a=v&b=2"},
		{mustURL(t, "https://h").WithQuery([]templates.Param{mustParam(t, "n", "</none>")}), "/"},
	} {
		if got, err := test.url.AppendTarget(nil, args); string(got) != test.want || err != nil {
			t.Errorf("got %s, %v; want %s", got, err, test.want)
		}
	}
	if got := len(both.Placeholders()); got != 3 {
		t.Errorf("there are %d placeholders, want 3", got)
	}
}

func TestURLPlaceholders(t *testing.T) {
	u := mustURL(t, "https://h/a/{/b/c}?d=e</f>")
	var got []string
	for _, p := range u.Placeholders() {
		got = append(got, p.Pointer.String()+" "+p.Escaping.String()+" "+"https://h/a/{/b/c}?d=e</f>"[p.Offset:p.Offset+p.Length])
	}
	want := []string{"/b/c path_segment {/b/c}", "/f query_value </f>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestURLErrors(t *testing.T) {
	for _, test := range []struct {
		text    string
		at      string // where the offending text begins, marked by length
		message string
		hint    string
	}{
		{"", "", "a URL begins with https:// or http://", ""},
		{"/p", "/p", "a URL begins with https:// or http://", ""},
		{"h/?u=http://x", "h/?u=http://x", "a URL begins with https:// or http://", ""},
		{"{/x}/p", "{/x}/p", "a URL begins with https:// or http://", ""},
		{"ftp://h/", "ftp", "the scheme of a URL is https or http", ""},
		{"{/s}://h/", "{/s}", "a placeholder cannot stand in the scheme, host or port", ""},
		{"https://{/h}/", "{/h}", "a placeholder cannot stand in the scheme, host or port", ""},
		{"https://a.</h/x>.test/", "</h/x>", "a placeholder cannot stand in the scheme, host or port", ""},
		{"https://h:{/p}/", "{/p}", "a placeholder cannot stand in the scheme, host or port", ""},
		{"https://{/u}@h/", "{/u}", "a placeholder cannot stand in the scheme, host or port", ""},
		{"https://u:p@h/", "u:p@", "a URL cannot hold a user name or password", "use the header Authorization"},
		{"https:///p", "", "a URL needs a host", ""},
		{"https://:80/p", "", "a URL needs a host", ""},
		{"https://h:/", "", "a port is a number from 1 to 65535", ""},
		{"https://h:0/", "0", "a port is a number from 1 to 65535", ""},
		{"https://h:080/", "080", "a port is a number from 1 to 65535", ""},
		{"https://h:65536/", "65536", "a port is a number from 1 to 65535", ""},
		{"https://h:+80/", "+80", "a port is a number from 1 to 65535", ""},
		{"https://a_b/", "a_b", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://-a/", "-a", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://a..b/", "a..b", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://a../", "a..", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://./", ".", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://h%2e/", "h%2e", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://*.h/", "*.h", "the host is no name of letters, digits, hyphens and dots", ""},
		{"https://127.1/", "127.1", "the host looks like an IPv4 address but is not four decimal numbers", ""},
		{"https://2130706433/", "2130706433", "the host looks like an IPv4 address but is not four decimal numbers", ""},
		{"https://0x7f.0.0.1/", "0x7f.0.0.1", "the host looks like an IPv4 address but is not four decimal numbers", ""},
		{"https://1.0x7f/", "1.0x7f", "the host looks like an IPv4 address but is not four decimal numbers", ""},
		{"https://0177.0.0.1/", "0177.0.0.1", "the host looks like an IPv4 address but is not four decimal numbers", ""},
		{"https://[::1%25eth0]/", "[::1%25eth0]", "the host is no IPv6 address in its shortest form", ""},
		{"https://[0:0::1]/", "[0:0::1]", "the host is no IPv6 address in its shortest form", ""},
		{"https://[1.2.3.4]/", "[1.2.3.4]", "the host is no IPv6 address in its shortest form", ""},
		{"https://[::1/", "[::1", "the host is no IPv6 address in its shortest form", ""},
		{"https://h/#f", "#f", "a fragment is never sent, so a URL cannot have one", "write %23 for a # that is data"},
		{"https://h/a b", " ", "a space cannot stand in a URL unencoded", "write %20 if it is data"},
		{"https://h/a\tb", "\t", "the byte 0x09 cannot stand in a URL unencoded", "write %09 if it is data"},
		{"https://h/ü", "\xc3", "the byte 0xC3 cannot stand in a URL unencoded", "write %C3 if it is data"},
		{"https://h/a\\b", "\\", `\ cannot stand in a URL unencoded`, "write %5C if it is data"},
		{"https://h/{name}/x", "{", "{ cannot stand in a URL unencoded", "did you mean {/name}?"},
		{"https://h/?a=<name>", "<", "< cannot stand in a URL unencoded", "did you mean {/name}?"},
		{"https://h/{{name}}", "{", "{ cannot stand in a URL unencoded", "write %7B if it is data"},
		{"https://h/{/a b}", "{", "{ cannot stand in a URL unencoded", "write %7B if it is data"},
		{`https://h/\{/x}`, `\`, `\ cannot stand in a URL unencoded`, "write %5C if it is data"},
		{"https://h/a[0]", "[", "[ cannot stand in a URL unencoded", "write %5B if it is data"},
		{"https://h/?a[]=1", "[", "[ cannot stand in a URL unencoded", "write %5B if it is data"},
		{"https://h/%", "%", "% is not followed by two hexadecimal digits", "write %25 for a % that is data"},
		{"https://h/%2{/x}", "%", "% is not followed by two hexadecimal digits", "write %25 for a % that is data"},
		{"https://h/%{/x}", "%", "% is not followed by two hexadecimal digits", "write %25 for a % that is data"},
		{"https://h/a/../b", "..", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/{/x}/%2E.", "%2E.", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/a/..;x/b", "..;x", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/a/.%2e%3bx", ".%2e%3bx", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/..;v={/x}", "..;v={/x}", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/./b", ".", "a path segment cannot be . or ..", "write the path that it leads to"},
		{"https://h/?{/x}=1", "{/x}", "a placeholder cannot stand in the name of a query parameter", "write ?name={/…}"},
		{"https://h/?a=1&{/x}", "{/x}", "a placeholder cannot stand in the name of a query parameter", "write ?name={/…}"},
		{"https://h/?a{/x}b={/y}", "{/x}", "a placeholder cannot stand in the name of a query parameter", "write ?name={/…}"},
		{"https://h/{/x", "{/x", "placeholder {/x is not closed", `write {/x}, or \{/x if it is text`},
		{"https://h/{/~x}", "{/~x}", "placeholder {/~x} is not a JSON Pointer", `"~" is written "~0" and "/" inside a name "~1"`},
		{"https://h/\x00", "\x00", "a URL cannot hold a NUL", ""},
	} {
		_, err := templates.ParseURL(templates.Text(test.text))
		wrong := checkSyntax(t, test.text, err, test.message, test.hint)
		if wrong == nil {
			continue
		}
		if got := test.text[wrong.Offset : wrong.Offset+wrong.Length]; got != test.at || strings.Index(test.text, test.at) > wrong.Offset {
			t.Errorf("%q: the error is at %d %q, want %q", test.text, wrong.Offset, got, test.at)
		}
	}
}

// checkSyntax compares the words of an error; nil when there is none to look at.
func checkSyntax(t *testing.T, text string, err error, message, hint string) *templates.SyntaxError {
	t.Helper()
	var wrong *templates.SyntaxError
	if !errors.As(err, &wrong) {
		t.Errorf("%q: error is %T %v, want a *SyntaxError", text, err, err)
		return nil
	}
	if wrong.Error() != message || wrong.Hint != hint {
		t.Errorf("%q:\n got %q, hint %q\nwant %q, hint %q", text, wrong.Message, wrong.Hint, message, hint)
	}
	if wrong.Offset < 0 || wrong.Length < 0 || wrong.Offset+wrong.Length > len(text) {
		t.Errorf("%q: the error is at %d, length %d, outside the text", text, wrong.Offset, wrong.Length)
		return nil
	}
	return wrong
}
