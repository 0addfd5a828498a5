package proxy

import (
	"net/url"
	"strings"
	"testing"
)

func TestOnGateway(t *testing.T) {
	to := &target{host: "a.test", port: 443, authority: "a.test", secure: true}
	const dropped = "dropped"
	for _, test := range []struct{ path, reference, want string }{
		{"/x/y", "https://a.test/b", "/to/https/a.test/b"},
		{"/x/y", "http://b.test:8080/c?d#e", "/to/http/b.test:8080/c?d#e"},
		{"/x/y", "HTTPS://B.Test.:443", "/to/https/b.test/"},
		{"/x/y", "https://b.test?q", "/to/https/b.test/?q"},
		{"/x/y", "https://[2001:db8::1]:81/", "/to/https/[2001:db8::1]:81/"},
		{"/x/y", "//b.test/c", "/to/https/b.test/c"},
		{"/x/y", "/b/c?d=/../e", "/to/https/a.test/b/c?d=/../e"},
		{"/x/y", "/", "/to/https/a.test/"},
		{"/x/y", "/b//c", "/to/https/a.test/b//c"},
		{"/x/y", "b/c", "b/c"},
		{"/x/y", "?q", "?q"},
		{"/x/y", "#f", "#f"},
		{"/x/y", "", ""},
		{"/x/y", "...", "..."},

		// What would lead to another host of the gateway.
		{"/x/y", "../../../b.test/", "/to/https/a.test/b.test/"},
		{"/x/y", "./../../%2E%2e/http/b.test", "/to/https/a.test/http/b.test"},
		{"/x/y", "/../../http/b.test/", "/to/https/a.test/http/b.test/"},
		{"/x/y", "/%2e./.%2E/http/b.test/.", "/to/https/a.test/http/b.test/"},
		{"/x/y", "/b/..", "/to/https/a.test/"},
		{"/x/../y", "b", "/to/https/a.test/b"},
		{"/x/../../y/z", "?q", "/to/https/a.test/y/z?q"},
		{"", "b.test/c", "/to/https/a.test/b.test/c"},
		{"", "?q", "/to/https/a.test/?q"},
		{"/x/y", "https://b.test/../../http/c.test/", "/to/https/b.test/http/c.test/"},

		// What is not the gateway's.
		{"/x/y", "mailto:a@b.test", "mailto:a@b.test"},
		{"/x/y", "app+x.1-y://callback?code=1", "app+x.1-y://callback?code=1"},
		{"/x/y", "1https://b.test/", "1https://b.test/"},
		{"/x/y", ":b", ":b"},

		// What has no one meaning.
		{"/x/y", "https:b.test", dropped},
		{"/x/y", "https:/b.test", dropped},
		{"/x/y", "https:///b.test", dropped},
		{"/x/y", "///b.test", dropped},
		{"/x/y", "https://", dropped},
		{"/x/y", "//", dropped},
		{"/x/y", "https://u@b.test/", dropped},
		{"/x/y", "https://../b.test/", dropped},
		{"/x/y", "https://%62.test/", dropped},
		{"/x/y", "https://b.test:/", dropped},
		{"/x/y", "https://127.1/", dropped},
		{"/x/y", `/\b.test/`, dropped},
		{"/x/y", `https:\\b.test/`, dropped},
		{"/x/y", "ht\ttps://b.test/", dropped},
		{"/x/y", "https://b.test/?a\tb", dropped},
		{"/x/y", "/ /b", dropped},
	} {
		got, ok := onGateway(to, []byte(test.path), []byte(test.reference))
		if !ok {
			got = []byte(dropped)
		}
		if string(got) != test.want {
			t.Errorf("%q in answer to %q: got %q, want %q", test.reference, test.path, got, test.want)
		}
	}
}

func TestLinksOnGateway(t *testing.T) {
	to := &target{host: "a.test", port: 80, authority: "a.test"}
	for links, want := range map[string]string{
		`<https://a.test/v1?page=2>; rel="next", </v1?page=9>; rel=last`: `</to/https/a.test/v1?page=2>; rel="next", </to/http/a.test/v1?page=9>; rel=last`,
		`<?page=2>; rel="next"; title="a < b`:                            "dropped",
		`<?page=2>;rel=next;title="<b>"`:                                 `<?page=2>;rel=next;title="<b>"`,
		`<https://u@b.test/>`:                                            "dropped",
		``:                                                               ``,
		`rel=next`:                                                       `rel=next`,
	} {
		got, ok := linksOnGateway(to, []byte("/v1"), []byte(links))
		if !ok {
			got = []byte("dropped")
		}
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", links, got, want)
		}
	}
}

// FuzzOnGateway follows what is written as programs do, and as browsers do: it has
// to lead by the gateway to the place to which the reference leads without it.
func FuzzOnGateway(f *testing.F) {
	for _, reference := range []string{"https://b.test/c?d", "/b", "../../c", "//c.test", "%2e%2e/%2E./x", `\\c.test`, "?q", "#f", "mailto:x", "https:/x", "..;/x", "/..//x", "b:c"} {
		f.Add("/x/y", reference)
		f.Add("", reference)
		f.Add("/x/../../y//z", reference)
	}
	to := &target{host: "a.test", port: 443, authority: "a.test", secure: true}
	f.Fuzz(func(t *testing.T, path, reference string) {
		if path != "" && path[0] != '/' || strings.ContainsAny(path, "?#\\\t ") || strings.TrimSpace(reference) != reference {
			return
		}
		written, ok := onGateway(to, []byte(path), []byte(reference))
		if !ok {
			return
		}
		for _, as := range []func(string) string{asIs, asBrowser} {
			direct, err := resolve("https://a.test"+as(path), as(reference))
			if err != nil {
				continue // and nobody follows it
			}
			if direct.Scheme != "http" && direct.Scheme != "https" {
				if string(written) != reference {
					t.Errorf("%q: got %q, want it as it is", reference, written)
				}
				continue
			}
			by, err := resolve("http://egret.test/to/https/a.test"+as(path), as(string(written)))
			if err != nil {
				t.Fatalf("%q: got %q: %v", reference, written, err)
			}
			place, err := parseAuthority(direct.Host, schemePort(direct.Scheme == "https"))
			if err != nil {
				t.Fatalf("%q: got %q, want it dropped: %v", reference, written, err)
			}
			want := "/to/" + direct.Scheme + "/" + place.authority + "/"
			if by.Host != "egret.test" || by.Scheme != "http" || !strings.HasPrefix(by.EscapedPath()+"/", want) || by.RawQuery != direct.RawQuery {
				t.Errorf("%q in answer to %q: got %q, which leads to %s, want what leads below %s, as %s", reference, path, written, by, want, direct)
			}
		}
	})
}

func asIs(reference string) string { return reference }

// asBrowser is a reference as the URL Standard reads it, before it is resolved.
func asBrowser(reference string) string {
	end := strings.IndexAny(reference, "?#")
	if end < 0 {
		end = len(reference)
	}
	path := strings.NewReplacer("%2e", ".", "%2E", ".", `\`, "/").Replace(reference[:end])
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(path + reference[end:])
}

func resolve(base, reference string) (*url.URL, error) {
	from, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return from.Parse(reference)
}
