package templates_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// FuzzBasic reads any two texts as the templates of credentials. What is accepted
// is read as it was rendered.
func FuzzBasic(f *testing.F) {
	for _, s := range append([]string{"{/x}", "a{/x}", "</x></x>", "a:b", "{/x"}, seeds...) {
		f.Add(s, "{/x}", "v")
		f.Add("u", s, s)
	}
	f.Fuzz(func(t *testing.T, user, password, value string) {
		u, err := templates.ParsePassage(templates.Text(user), templates.BasicUser)
		p, wrong := templates.ParsePassage(templates.Text(password), templates.BasicPassword)
		if err != nil || wrong != nil {
			return
		}
		h := templates.NewBasic(u, p)
		placed(t, user, u.Placeholders())
		placed(t, password, p.Placeholders())
		lines, err := h.AppendLines(nil, text(value))
		if err != nil {
			if len(h.Placeholders()) == 0 {
				t.Errorf("%q and %q have no placeholder, and the error %v", user, password, err)
			}
			return
		}
		request, err := readRequest("GET / HTTP/1.1\r\nHost: h\r\n" + string(lines) + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		gotUser, gotPassword, ok := request.BasicAuth()
		if !ok || len(request.Header) != 1 {
			t.Fatalf("%q and %q give %q", user, password, lines)
		}
		if plain := plainOf(t, h, value); gotUser+":"+gotPassword != plain || strings.Contains(gotUser, ":") {
			t.Errorf("%q and %q are read as %q and %q", user, password, gotUser, gotPassword)
		}
	})
}

// plainOf decodes the one field of h.
func plainOf(t *testing.T, h *templates.Header, value string) string {
	t.Helper()
	fields, err := h.AppendFields(nil, text(value))
	if err != nil || len(fields) != 1 || fields[0].Name != "Authorization" {
		t.Fatalf("the fields are %q, %v", fields, err)
	}
	plain, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(fields[0].Value, "Basic "))
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// FuzzMultipart reads any texts as the templates of a body. What is accepted has
// the parts that were written, whatever the value is.
func FuzzMultipart(f *testing.F) {
	for _, s := range append([]string{"{/x}", "a{/x}.csv", "</x></x>", "eA==", "eHl6", "--egret-", "{/x"}, seeds...) {
		f.Add("n", s, "{/x}", "v")
		f.Add(s, "f", s, s)
	}
	f.Fuzz(func(t *testing.T, name, filename, content, value string) {
		list := parts(name, filename, content)
		m := templates.NewMultipart(list)
		for _, v := range values(value) {
			body, err := m.Append(nil, single{v})
			if err != nil {
				continue // FuzzPlaces knows which values are refused.
			}
			got, err := namesIn(m.ContentType(), body)
			if err != nil {
				t.Fatalf("%q is no body: %v", body, err)
			}
			if want := expected(list, v); !slices.Equal(got, want) {
				t.Errorf("the parts are %q, want %q", got, want)
			}
		}
	})
}

// parts gives the parts that the texts make: a text, a file and one in base64.
func parts(name, filename, content string) (list []templates.FormPart) {
	if templates.CheckPartName(name) != nil {
		return nil
	}
	file, noFile := templates.ParseFilename(templates.Text(filename))
	if value, err := templates.ParsePassage(templates.Text(content), templates.MultipartText); err == nil {
		list = append(list, templates.FormPart{Name: name, Value: value})
	}
	if value, err := templates.ParseFile(templates.Text(content), templates.JSONFormat); err == nil && noFile == nil {
		list = append(list, templates.FormPart{Name: name, Filename: file, ContentType: "application/json", Value: value})
	}
	if value, err := templates.ParseBase64(templates.Text(content)); err == nil && noFile == nil {
		list = append(list, templates.FormPart{Name: name, Filename: file, ContentType: "a/b", Base64: true, Value: value})
	}
	return list
}

// expected gives the name of each part as often as it is there.
func expected(list []templates.FormPart, v gjson.Result) (names []string) {
	for _, p := range list {
		n := 1
		switch {
		case p.Value.IsWhole() && v.Type == gjson.Null:
			n = 0
		case p.Value.IsWhole() && v.IsArray() && p.Filename == nil:
			n = len(v.Array())
		}
		names = append(names, slices.Repeat([]string{p.Name}, n)...)
	}
	return names
}

func namesIn(contentType string, body []byte) (names []string, err error) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	for r := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return names, err
		}
		if _, err := io.Copy(io.Discard, p); err != nil {
			return names, err
		}
		if len(p.Header) > 2 || http.Header(p.Header).Get("Content-Disposition") == "" {
			return names, errors.New("a part has other fields")
		}
		names = append(names, p.FormName())
	}
}
