package functions_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

const upload = `
  - name: f
    parameters: {properties: {text: {}, file: {}, data: {}, meta: {}, name: {}}}
    fixed: {hidden: x}
    url: https://api.acme.test/
    multipart:
      text: </text>
      note: "n: {/name}"
      file: {filename: "{/name}.csv", content_type: text/csv, text: </file>}
      data: {filename: d.bin, base64: </data>}
      meta: {filename: m.json, content_type: application/json, text: '{"m": {/meta}, "n": "{/name}"}'}
      fixed: </hidden>
      key: "${env:CONFIGURED}"
`

// A formPart is a part as a strict reader has it.
type formPart struct{ Name, Filename, Type, Content string }

// partsOf reads a body with mime/multipart.
func partsOf(t testing.TB, contentType string, body []byte) []formPart {
	t.Helper()
	list, err := readParts(contentType, body)
	if err != nil {
		t.Fatalf("%q is no multipart body of type %q: %v", body, contentType, err)
	}
	return list
}

func readParts(contentType string, body []byte) (list []formPart, err error) {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "multipart/form-data" {
		return nil, errors.Join(errors.New("no multipart/form-data"), err)
	}
	for r := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, err
		}
		_, parameters, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil {
			return nil, err
		}
		list = append(list, formPart{p.FormName(), parameters["filename"], p.Header.Get("Content-Type"), string(content)})
	}
}

// Texts and files arrive as they are meant.
func TestMultipart(t *testing.T) {
	w := newWorld(t, upload)
	const csv, bin, json = "text/csv", "application/octet-stream", "application/json"
	for _, test := range []struct {
		arguments string
		want      []formPart
	}{
		{`{"name":"a b","text":"x","file":"1;2\r\n","data":"/wD+","meta":{"k":[1.0]}}`, []formPart{
			{"text", "", "", "x"},
			{"note", "", "", "n: a b"},
			{"file", "a b.csv", csv, "1;2\r\n"},
			{"data", "d.bin", bin, "\xff\x00\xfe"},
			{"meta", "m.json", json, `{"m": {"k":[1.0]}, "n": "a b"}`},
		}},
		{`{"name":"\u00fc<","text":["x","",3],"data":"eA","meta":null}`, []formPart{
			{"text", "", "", "x"},
			{"text", "", "", ""},
			{"text", "", "", "3"},
			{"note", "", "", "n: ü<"},
			{"data", "d.bin", bin, "x"},
			{"meta", "m.json", json, `{"m": null, "n": "ü<"}`},
		}},
		{`{"name":"n","text":[],"file":"","data":"","meta":"m"}`, []formPart{
			{"note", "", "", "n: n"},
			{"file", "n.csv", csv, ""},
			{"data", "d.bin", bin, ""},
			{"meta", "m.json", json, `{"m": "m", "n": "n"}`},
		}},
		{`{"name":"` + anyID + `","text":"` + anyID + `","meta":1,"data":"eA=="}`, []formPart{
			{"text", "", "", "live-any"},
			{"note", "", "", "n: live-any"},
			{"data", "d.bin", bin, "x"},
			{"meta", "m.json", json, `{"m": 1, "n": "live-any"}`},
		}},
	} {
		r := w.request(t, "f", test.arguments)
		want := append(test.want, formPart{"fixed", "", "", "x"}, formPart{"key", "", "", "configured-secret"})
		if diff := cmp.Diff(want, partsOf(t, header(r, "Content-Type"), r.Body)); r.Method != "POST" || diff != "" {
			t.Errorf("with %s, %s has the parts (-want +got):\n%s", test.arguments, r.Method, diff)
		}
	}
}

// What has no faithful form in a part is refused.
func TestMultipartRefused(t *testing.T) {
	w := newWorld(t, upload)
	r := w.request(t, "f", `{"name":"n","meta":1}`)
	_, parameters, _ := mime.ParseMediaType(header(r, "Content-Type"))
	for _, test := range []struct {
		arguments string
		code      functions.Code
		pointer   string
	}{
		{`{"meta":1}`, functions.MissingArgument, "/name"},
		{`{"name":"n"}`, functions.MissingArgument, "/meta"},
		{`{"name":"n","meta":1,"text":["a",null]}`, functions.UnsafeValue, "/text"},
		{`{"name":"n","meta":1,"text":[["a"]]}`, functions.UnsafeValue, "/text"},
		{`{"name":"n","meta":1,"text":{}}`, functions.UnsafeValue, "/text"},
		{`{"name":"n","meta":1,"file":["a"]}`, functions.UnsafeValue, "/file"},
		{`{"name":"a\"b","meta":1,"file":"x"}`, functions.UnsafeValue, "/name"},
		{`{"name":"a\\b","meta":1,"file":"x"}`, functions.UnsafeValue, "/name"},
		{`{"name":"a\nb","meta":1,"file":"x"}`, functions.UnsafeValue, "/name"},
		{`{"name":"n","meta":1,"data":"x"}`, functions.UnsafeValue, "/data"},
		{`{"name":"n","meta":1,"data":"eA="}`, functions.UnsafeValue, "/data"},
		{`{"name":"n","meta":1,"data":"eB"}`, functions.UnsafeValue, "/data"},
		{`{"name":"n","meta":1,"data":"eHl6\neHl6"}`, functions.UnsafeValue, "/data"},
		{`{"name":"n","meta":1,"data":"-_-_"}`, functions.UnsafeValue, "/data"},
		{`{"name":"n","meta":1,"text":"--` + parameters["boundary"] + `"}`, functions.UnsafeValue, "/text"},
		{`{"name":"` + parameters["boundary"] + `","meta":1}`, functions.UnsafeValue, "/name"},
	} {
		refusal := w.refused(t, test.code, functions.Call{Function: "f", Arguments: []byte(test.arguments)})
		if got := refusal.Errors[0].Pointer; got != test.pointer {
			t.Errorf("with %s the refusal is of %s, want %s", test.arguments, got, test.pointer)
		}
	}
	if w.sender.count() != 1 {
		t.Errorf("%d requests were sent, want only the first", w.sender.count())
	}
}

// Explain shows the body that is sent, with what stands in for its secrets.
func TestMultipartExplained(t *testing.T) {
	w := newWorld(t, upload)
	for _, test := range []struct {
		data, want string
	}{
		{"w7w=", "ü"},
		{"/wD+", "/wD+"}, // It is no text.
		{anyID, anyID},
	} {
		arguments := []byte(`{"name":"` + anyID + `","meta":1,"data":"` + test.data + `"}`)
		e, err := w.Explain(t.Context(), functions.Call{Function: "f", Arguments: arguments})
		if err != nil {
			t.Fatal(err)
		}
		want := []formPart{
			{"note", "", "", "n: " + anyID},
			{"data", "d.bin", "application/octet-stream", test.want},
			{"meta", "m.json", "application/json", `{"m": 1, "n": "` + anyID + `"}`},
			{"fixed", "", "", "(fixed)"},
			{"key", "", "", "(configured)"},
		}
		if diff := cmp.Diff(want, partsOf(t, e.Request.Headers[0][1], []byte(e.Request.Body))); diff != "" {
			t.Errorf("with %s the parts are (-want +got):\n%s", test.data, diff)
		}
	}
}
