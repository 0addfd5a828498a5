package templates_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

func readRequest(text string) (*http.Request, error) {
	r := bufio.NewReader(strings.NewReader(text))
	request, err := http.ReadRequest(r)
	if err != nil {
		return nil, fmt.Errorf("%q is no request: %w", text, err)
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		return nil, fmt.Errorf("%q follows the request", rest)
	}
	return request, nil
}

// isTarget allows the characters of RFC 3986 in a path and query: a request
// line has no fragment, and net/http reads a "#" there as data.
func isTarget(target string) error {
	if at := strings.IndexFunc(target, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"#<>[]\\^`{|}", r) }); at >= 0 {
		return fmt.Errorf("the target %q has %q", target, target[at:at+1])
	}
	return nil
}

func checkPath(v gjson.Result) error {
	u, err := templates.ParseURL(templates.Text("https://h.test/a/{/x}/b-</x>.c?k=1"))
	if err != nil {
		return err
	}
	want, reason := scalarText(v)
	name, _, _ := strings.Cut(want, ";") // What follows is no part of the name for many readers.
	if reason == "" && (want == "" || name == "." || name == "..") {
		reason = unsafe
	}
	target, err := u.AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	request, err := readRequest("GET " + string(target) + " HTTP/1.1\r\nHost: h.test\r\n\r\n")
	if err != nil {
		return err
	}
	var segments []string
	for segment := range strings.SplitSeq(request.URL.EscapedPath(), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return err
		}
		segments = append(segments, plain)
	}
	return errors.Join(
		isTarget(string(target)),
		differ("the path", segments, []string{"", "a", want, "b-" + want + ".c"}),
		differ("the query", request.URL.RawQuery, "k=1"),
		differ("the header", len(request.Header), 0),
	)
}

func checkQuery(v gjson.Result) error {
	u, err := templates.ParseURL(templates.Text("https://h.test/p?a=1&b={/x}&c=</x>"))
	if err != nil {
		return err
	}
	q, err := templates.ParseQuery(templates.Text("{/x}"))
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	target, err := u.WithQuery([]templates.Param{{Name: "d", Value: q}}).AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := queryIs(string(target), map[string][]string{"a": {"1"}, "b": want, "c": want, "d": want}); err != nil {
			return err
		}
	}
	u, err = templates.ParseURL(templates.Text("https://h.test/p?a=1&b=v{/x}w&c=</x>{/x}"))
	if err != nil {
		return err
	}
	part, reason := scalarText(v)
	target, err = u.AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return queryIs(string(target), map[string][]string{"a": {"1"}, "b": {"v" + part + "w"}, "c": {part + part}})
}

func queryIs(target string, want map[string][]string) error {
	request, err := readRequest("GET " + target + " HTTP/1.1\r\nHost: h.test\r\n\r\n")
	if err != nil {
		return err
	}
	return errors.Join(
		isTarget(target),
		differ("the path", request.URL.Path, "/p"),
		differ("the header", len(request.Header), 0),
		valuesAre(request.URL.RawQuery, want),
	)
}

func valuesAre(query string, want map[string][]string) error {
	got, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for name, values := range want {
		if len(values) == 0 {
			delete(want, name)
		}
	}
	return differ("the query", map[string][]string(got), want)
}

func checkForm(v gjson.Result) error {
	var fields []templates.Param
	for _, text := range []string{"{/x}", "v</x>"} {
		q, err := templates.ParseQuery(templates.Text(text))
		if err != nil {
			return err
		}
		fields = append(fields, templates.Param{Name: "n", Value: q})
	}
	whole, err := templates.NewForm(fields[:1])
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	got, err := whole.Append(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := valuesAre(string(got), map[string][]string{"n": want}); err != nil {
			return err
		}
	}
	both, err := templates.NewForm(fields)
	if err != nil {
		return err
	}
	part, reason := scalarText(v)
	got, err = both.Append(nil, single{v})
	if v.IsArray() {
		reason = unsafe
	}
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return valuesAre(string(got), map[string][]string{"n": {part, "v" + part}})
}

// headerReason gives why a text cannot be a header's value, RFC 9110 section 5.5.
func headerReason(text string) string {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	if strings.ContainsFunc(text, control) || strings.Trim(text, " \t") != text {
		return unsafe
	}
	return ""
}

func checkHeader(v gjson.Result) error {
	h, err := templates.ParseHeader("A", templates.Text("{/x}"))
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	for _, text := range want {
		if reason == "" {
			reason = headerReason(text)
		}
	}
	fields, err := h.AppendFields(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := headerIs(fields, want); err != nil {
			return err
		}
	}
	if h, err = templates.ParseHeader("A", templates.Text("v </x>")); err != nil {
		return err
	}
	part, reason := scalarText(v)
	switch {
	case reason == "" && part == "":
		reason = missing
	case reason == "":
		reason = headerReason("v " + part)
	}
	fields, err = h.AppendFields(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return headerIs(fields, []string{"v " + part})
}

func headerIs(fields []templates.Field, want []string) error {
	var text strings.Builder
	text.WriteString("GET / HTTP/1.1\r\nHost: h.test\r\n")
	for _, f := range fields {
		text.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	request, err := readRequest(text.String() + "Z: z\r\n\r\n")
	if err != nil {
		return err
	}
	header := http.Header{"Z": {"z"}}
	if len(want) > 0 {
		header["A"] = want
	}
	return differ("the header", request.Header, header)
}
