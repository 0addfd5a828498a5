package proxytest_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// A place is a Function that puts its one argument somewhere, and how a strict
// reader that is not egret's finds it there.
type place struct {
	name string
	yaml string // of the Function
	rule placeRule
	// read gives each text that stands where the argument does, and an error when
	// anything else is not as it was written.
	read func(r *arrival) ([]string, error)
	// unsafe tells a text that has no faithful form here.
	unsafe func(text string) bool
	// empty is the code for "" where it is refused.
	empty string
}

// A placeRule is what may stand in a place beside a text.
type placeRule int

const (
	oneText  placeRule = iota // a scalar
	repeated                  // a scalar, or an array of them; null and absence leave it out
	dropped                   // a scalar; null and absence leave it out
	anyJSON                   // every value; absence leaves it out
	needJSON                  // every value, but there must be one
)

// An arrival is a request as net/http read it.
type arrival struct {
	request *http.Request
	body    []byte
}

// places are all kinds of places.
var places = []place{
	{"path", `url: "https://api.acme.test/a/{/v}/z"`, oneText, readPath("", ""), unsafeSegment, unsafeValue},
	{"path_part", `url: "https://api.acme.test/a/p-{/v}.x/z"`, oneText, readPath("p-", ".x"), nil, unsafeValue},
	{"query", `url: "https://api.acme.test/?a=1&v={/v}"`, repeated, readQuery("", ""), nil, ""},
	{"query_map", "url: https://api.acme.test/?a=1\n    query: {v: </v>}", repeated, readQuery("", ""), nil, ""},
	{"query_part", `url: "https://api.acme.test/?a=1&v=p-{/v}.x"`, oneText, readQuery("p-", ".x"), nil, ""},
	{"header", posted + `headers: {X-V: </v>}`, repeated, readHeader("", ""), unsafeField, ""},
	{"header_part", posted + `headers: {X-V: "p {/v} x"}`, oneText, readHeader("p ", " x"), unsafeInField, missingArgument},
	{"form", posted + `form: {a: 1, v: </v>}`, repeated, readForm("", ""), nil, ""},
	{"form_part", posted + `form: {a: 1, v: "p {/v} x"}`, oneText, readForm("p ", " x"), nil, ""},
	{"json_value", posted + `json: {a: 1, v: </v>}`, anyJSON, readJSONValue, nil, ""},
	{"json_string", posted + `json: {a: 1, v: "p {/v} x"}`, oneText, readJSONString, nil, ""},
	{"json_text_value", posted + typed("application/json", `{"a": 1, "v": {/v}}`), needJSON, readJSONValue, nil, ""},
	{"json_text_string", posted + typed("application/json", `{"a": 1, "v": "p {/v} x"}`), oneText, readJSONString, nil, ""},
	{"xml_text", posted + typed("application/xml", `<r><v>{/v}</v></r>`), oneText, readXML, unsafeXML, ""},
	{"xml_attribute", posted + typed("application/xml", `<r><v a="{/v}"/></r>`), oneText, readXML, unsafeXML, ""},
	{"plain_text", posted + typed("text/plain", `p {/v} x`), oneText, readText, nil, ""},
	{"basic_user", posted + `basic: {user: </v>, password: x}`, oneText, readBasic(true), unsafeUser, ""},
	{"basic_password", posted + `basic: {user: x, password: </v>}`, oneText, readBasic(false), hasControl, ""},
	{"multipart_text", posted + `multipart: {a: x, v: </v>, z: x}`, repeated, readPart(partText), nil, ""},
	{"multipart_text_part", posted + `multipart: {a: x, v: "p {/v} x", z: x}`, oneText, readPart(partInText), nil, ""},
	{"multipart_file", posted + `multipart: {a: x, v: {filename: f, text: </v>}, z: x}`, dropped, readPart(partText), nil, ""},
	{"multipart_file_part", posted + `multipart: {a: x, v: {filename: f, text: "p {/v} x"}, z: x}`, oneText, readPart(partInText), nil, ""},
	{"multipart_base64", posted + `multipart: {a: x, v: {filename: f, base64: </v>}, z: x}`, dropped, readPart(partBase64), unsafeBase64, ""},
	{"multipart_filename", posted + `multipart: {a: x, v: {filename: </v>, text: y}, z: x}`, oneText, readPart(partFilename), unsafeName, unsafeValue},
}

const posted = "url: https://api.acme.test/\n    method: POST\n    "

const (
	unsafeValue     = "unsafe_value"
	missingArgument = "missing_argument"
)

func typed(mediaType, body string) string {
	return "headers: {Content-Type: " + mediaType + "}\n    body: '" + body + "'"
}

// inside takes away what the template has around a value.
func inside(before, text, after string) (string, error) {
	rest, begins := strings.CutPrefix(text, before)
	value, ends := strings.CutSuffix(rest, after)
	if !begins || !ends {
		return "", fmt.Errorf("%.100q has not %q and %q around it", text, before, after)
	}
	return value, nil
}

func eachInside(before string, list []string, after string) (values []string, err error) {
	for _, text := range list {
		value, wrong := inside(before, text, after)
		values, err = append(values, value), errors.Join(err, wrong)
	}
	return values, err
}

func readPath(before, after string) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		u, err := url.ParseRequestURI(r.request.RequestURI)
		if err != nil {
			return nil, err
		}
		segments := strings.Split(u.EscapedPath(), "/")
		if len(segments) != 4 || segments[1] != "a" || segments[3] != "z" || u.RawQuery != "" || u.ForceQuery {
			return nil, fmt.Errorf("the target is %.100q", r.request.RequestURI)
		}
		segment, err := url.PathUnescape(segments[2])
		if err != nil {
			return nil, err
		}
		return eachInside(before, []string{segment}, after)
	}
}

func readQuery(before, after string) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		u, err := url.ParseRequestURI(r.request.RequestURI)
		if err != nil {
			return nil, err
		}
		return readValues(before, u.RawQuery, after, u.Path == "/")
	}
}

func readForm(before, after string) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		mediaType := r.request.Header.Get("Content-Type")
		return readValues(before, string(r.body), after, mediaType == "application/x-www-form-urlencoded")
	}
}

func readValues(before, text, after string, good bool) ([]string, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	list := values["v"]
	delete(values, "v")
	if !good || len(values) != 1 || values.Get("a") != "1" {
		return nil, fmt.Errorf("%.100q has the parameters %v beside v", text, values)
	}
	return eachInside(before, list, after)
}

func readHeader(before, after string) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		return eachInside(before, r.request.Header["X-V"], after)
	}
}

// readMember reads an object of the members a and v.
func readMember(body []byte) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	v, ok := members["v"]
	if delete(members, "v"); len(members) != 1 || string(members["a"]) != "1" {
		return nil, fmt.Errorf("%.100q has %d members beside v", body, len(members))
	}
	if !ok {
		return nil, nil
	}
	return v, nil
}

func readJSONValue(r *arrival) ([]string, error) {
	v, err := readMember(r.body)
	if v == nil || err != nil {
		return nil, err
	}
	return []string{string(v)}, nil
}

func readJSONString(r *arrival) ([]string, error) {
	v, err := readMember(r.body)
	if err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal(v, &text); err != nil {
		return nil, err
	}
	return eachInside("p ", []string{text}, " x")
}

func readXML(r *arrival) ([]string, error) {
	type element struct {
		XMLName  xml.Name
		Attrs    []xml.Attr `xml:",any,attr"`
		Text     string     `xml:",chardata"`
		Children []element  `xml:",any"`
	}
	var root element
	decoder := xml.NewDecoder(bytes.NewReader(r.body))
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the document (error: %w)", err)
	}
	if len(root.Children) != 1 || len(root.Attrs) != 0 || root.Text != "" {
		return nil, fmt.Errorf("the root is %+v", root)
	}
	switch v := root.Children[0]; {
	case v.XMLName.Local != "v" || len(v.Children) != 0 || len(v.Attrs) > 1 || len(v.Attrs) == 1 && v.Text != "":
		return nil, fmt.Errorf("the element is %+v", v)
	case len(v.Attrs) == 1:
		return []string{v.Attrs[0].Value}, nil
	default:
		return []string{v.Text}, nil
	}
}

func readText(r *arrival) ([]string, error) { return eachInside("p ", []string{string(r.body)}, " x") }

func readBasic(isUser bool) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		user, password, ok := r.request.BasicAuth()
		other := user
		if isUser {
			other = password
		}
		if !ok || len(r.request.Header["Authorization"]) != 1 || other != "x" {
			return nil, fmt.Errorf("the header is %.100q", r.request.Header["Authorization"])
		}
		if isUser {
			return []string{user}, nil
		}
		return []string{password}, nil
	}
}

// A kindOfPart says which text of a part is the value.
type kindOfPart int

const (
	partText kindOfPart = iota
	partInText
	partBase64
	partFilename
)

func readPart(kind kindOfPart) func(*arrival) ([]string, error) {
	return func(r *arrival) ([]string, error) {
		parts, err := namedParts(r, kind)
		if err != nil {
			return nil, err
		}
		var list []string
		for i, part := range parts {
			name, value, _ := strings.Cut(part, "=")
			switch {
			case i == 0 && part == "a=x", i > 0 && i == len(parts)-1 && part == "z=x":
			case name == "v":
				list = append(list, value)
			default:
				return nil, fmt.Errorf("there is a part %.100q", part)
			}
		}
		if len(parts) != len(list)+2 {
			return nil, fmt.Errorf("there are %d parts, %d of them v", len(parts), len(list))
		}
		return list, nil
	}
}

// namedParts gives each part of a body as NAME=VALUE.
func namedParts(r *arrival, kind kindOfPart) (list []string, err error) {
	mediaType, parameters, err := mime.ParseMediaType(r.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return nil, fmt.Errorf("the type is %q (error: %w)", mediaType, err)
	}
	for reader := multipart.NewReader(bytes.NewReader(r.body), parameters["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		value := string(content)
		if part.FormName() == "v" {
			if value, err = valueOfPart(kind, part, value); err != nil {
				return nil, err
			}
		}
		list = append(list, part.FormName()+"="+value)
	}
}

func valueOfPart(kind kindOfPart, part *multipart.Part, content string) (string, error) {
	_, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	switch {
	case err != nil:
		return "", err
	case kind == partInText:
		return inside("p ", content, " x")
	case kind == partFilename && content != "y":
		return "", fmt.Errorf("the file is %.100q", content)
	case kind == partFilename:
		return parameters["filename"], nil
	}
	return content, nil
}
