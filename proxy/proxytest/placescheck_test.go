package proxytest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A ground is an egret with a Function for each place, in front of a server of
// net/http.
type ground struct {
	url      string
	client   *http.Client
	arrivals chan *arrival
	boundary map[string]string // by the name of a place
}

func newGround(t testing.TB) *ground {
	t.Helper()
	g := &ground{arrivals: make(chan *arrival, 1), boundary: map[string]string{}, client: &http.Client{Transport: &http.Transport{}}}
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the upstream cannot read: %v", err)
		}
		g.arrivals <- &arrival{r, body}
	}))
	upstream.Config.MaxHeaderBytes = 16 << 20
	upstream.Start()
	t.Cleanup(upstream.Close)
	t.Cleanup(g.client.CloseIdleConnections)
	var config strings.Builder
	config.WriteString("caches:\n  - {name: token, id: 11111111-2222-3333-4444-555555555555, ttl: 15m, hosts: [api.acme.test], surfaces: [header, query, body]}\n" +
		"tokens:\n  - {name: key, cache: token, value: a-static-credential}\nfunctions:\n")
	for _, p := range places {
		fmt.Fprintf(&config, "  - name: %s\n    parameters: {properties: {v: {}}}\n    %s\n", p.name, p.yaml)
	}
	yaml := strings.ReplaceAll(config.String(), "https://", "http://")
	g.url = proxytest.Start(t, yaml, func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", upstream.Listener.Addr().String())
		}
	}).URL
	for _, p := range places {
		if strings.HasPrefix(p.name, "multipart") {
			_, parameters, err := mime.ParseMediaType(g.arrived(t, p.name, `{"v":"eA"}`).request.Header.Get("Content-Type"))
			if err != nil || parameters["boundary"] == "" {
				t.Fatalf("%s has no boundary (error: %v)", p.name, err)
			}
			g.boundary[p.name] = parameters["boundary"]
		}
	}
	return g
}

// arrived calls a Function that is not refused.
func (g *ground) arrived(t testing.TB, function, arguments string) *arrival {
	t.Helper()
	a, code, err := g.call(function, arguments)
	if err != nil || a == nil {
		t.Fatalf("%s with %s: code %q, error %v", function, arguments, code, err)
	}
	return a
}

// call calls a Function, and gives what arrived or the code of the refusal.
func (g *ground) call(function, arguments string) (*arrival, string, error) {
	response, err := g.client.Post(g.url+"/v1/functions/"+function, "application/json", strings.NewReader(arguments))
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, "", err
	}
	if response.StatusCode != http.StatusOK {
		select {
		case <-g.arrivals:
			return nil, "", fmt.Errorf("something was sent, and the answer is %.200q", text)
		default:
		}
		return nil, gjson.GetBytes(text, "code").String(), nil
	}
	if status := gjson.GetBytes(text, "status").Int(); status != http.StatusOK {
		return nil, "", fmt.Errorf("the upstream could not read the request: %.200q", text)
	}
	return <-g.arrivals, "", nil
}

// check calls the Function of a place with a value, which is nil for none, and
// tells what is not as it should be.
func (g *ground) check(p *place, value *string) error {
	arguments := "{}"
	if value != nil {
		arguments = `{"v":` + *value + `}`
	}
	want, code := p.wanted(value, g.boundary[p.name])
	switch {
	case !jsontext.Value(arguments).IsValid():
		code = "malformed_request"
	case hasEndless(arguments):
		code = "invalid_arguments"
	}
	a, got, err := g.call(p.name, arguments)
	switch {
	case err != nil:
		return err
	case got != code:
		return fmt.Errorf("the code is %q, want %q", got, code)
	case a == nil:
		return nil
	}
	read, err := p.read(a)
	if err != nil {
		return err
	}
	if p.rule == anyJSON || p.rule == needJSON {
		return sameJSON(read, want)
	}
	if !slices.Equal(read, want) {
		return fmt.Errorf("%.200q arrived, want %.200q", read, want)
	}
	return ordinary(a.request.Header)
}

// hasEndless finds a number beyond what is taken anywhere: one of 400 characters, or
// with an exponent of 400.
func hasEndless(text string) bool {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if number, ok := token.(json.Number); ok {
			_, exponent, _ := strings.Cut(strings.ToLower(number.String()), "e")
			n, err := strconv.Atoi(exponent)
			if len(number) > 400 || exponent != "" && (err != nil || n > 400 || n < -400) {
				return true
			}
		}
	}
}

// ordinary refuses a field that no Function has.
func ordinary(header http.Header) error {
	for name := range header {
		if !slices.Contains([]string{"Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "User-Agent", "X-V"}, name) {
			return fmt.Errorf("there is a header %q", name)
		}
	}
	return nil
}

// sameJSON compares values with the digits of their numbers.
func sameJSON(got, want []string) error {
	read := func(list []string) (values []any, err error) {
		for _, text := range list {
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.UseNumber()
			var v any
			err = errors.Join(err, decoder.Decode(&v))
			values = append(values, v)
		}
		return values, err
	}
	left, err := read(got)
	if err != nil {
		return err
	}
	right, err := read(want)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(left, right) {
		return fmt.Errorf("%.200q arrived, want %.200q", got, want)
	}
	return nil
}

// wanted is what must arrive, or the code of the refusal.
func (p *place) wanted(value *string, boundary string) (texts []string, code string) {
	var v any
	if value != nil {
		decoder := json.NewDecoder(strings.NewReader(*value))
		decoder.UseNumber()
		_ = decoder.Decode(&v) // What is no JSON is refused in any place.
	}
	list, isArray := v.([]any)
	switch {
	case p.rule == anyJSON && value == nil:
		return nil, ""
	case p.rule == needJSON && value == nil:
		return nil, missingArgument
	case p.rule == anyJSON || p.rule == needJSON:
		return []string{*value}, ""
	case v == nil && p.rule == oneText:
		return nil, missingArgument
	case v == nil:
		return nil, ""
	case p.rule != repeated || !isArray:
		list = []any{v}
	}
	for _, element := range list {
		text, code := p.text(element, boundary)
		if code != "" {
			return nil, code
		}
		texts = append(texts, text)
	}
	return texts, ""
}

// text is the text of one value.
func (p *place) text(v any, boundary string) (text, code string) {
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case bool:
		text = fmt.Sprint(v)
	default:
		return "", unsafeValue
	}
	switch {
	case text == "" && p.empty != "":
		return "", p.empty
	case p.unsafe != nil && p.unsafe(text), boundary != "" && strings.Contains(text, boundary):
		return "", unsafeValue
	case p.name == "multipart_base64":
		decoded, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		return string(decoded), ""
	}
	return text, ""
}

// What has no faithful form, place by place.

func unsafeSegment(text string) bool {
	name, _, _ := strings.Cut(text, ";") // What follows is a parameter to many readers.
	return name == "." || name == ".."
}

func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func unsafeInField(text string) bool { return hasControl(strings.ReplaceAll(text, "\t", "")) }
func unsafeField(text string) bool {
	return unsafeInField(text) || strings.Trim(text, " \t") != text
}
func unsafeUser(text string) bool { return hasControl(text) || strings.Contains(text, ":") }
func unsafeName(text string) bool { return hasControl(text) || strings.ContainsAny(text, `"\`) }

// unsafeXML has all but the Char production of XML 1.0 section 2.2.
func unsafeXML(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return r != 0x9 && r != 0xa && r != 0xd && (r < 0x20 || r > 0xd7ff && r < 0xe000 || r == 0xfffe || r == 0xffff)
	})
}

// unsafeBase64 compares with what the bytes are encoded as.
func unsafeBase64(text string) bool {
	bare := strings.TrimRight(text, "=")
	decoded, err := base64.RawStdEncoding.DecodeString(bare)
	padded := base64.StdEncoding.EncodeToString(decoded)
	return err != nil || text != padded && text != strings.TrimRight(padded, "=") || bytes.ContainsAny([]byte(text), "\r\n")
}

// TestPlaces sends each nasty value to each place: what arrives, decoded by a
// strict reader that is not egret's, is what was sent, or the call is refused
// for the one reason that fits.
func TestPlaces(t *testing.T) {
	g := newGround(t)
	values := nastyValues()
	for _, boundary := range g.boundary {
		values = append(values, asJSON(boundary), asJSON("\r\n--"+boundary+"--\r\n"), asJSON("a"+boundary[1:]))
	}
	for i := range places {
		p := &places[i]
		t.Run(p.name, func(t *testing.T) {
			if err := g.check(p, nil); err != nil {
				t.Errorf("without a value: %v", err)
			}
			for _, value := range values {
				if err := g.check(p, &value); err != nil {
					t.Errorf("%.100s: %v", value, err)
				}
			}
		})
	}
}

// FuzzPlaces sends any text, and any JSON, to any place.
func FuzzPlaces(f *testing.F) {
	for i, value := range nastyValues() {
		if len(value) < 1000 {
			f.Add(uint8(i), value)
		}
	}
	g := newGround(f)
	f.Fuzz(func(t *testing.T, at uint8, value string) {
		p := &places[int(at)%len(places)]
		text := asJSON(value)
		if err := g.check(p, &text); err != nil {
			t.Errorf("%s with the text %q: %v", p.name, value, err)
		}
		if !json.Valid([]byte(value)) {
			return
		}
		if err := g.check(p, &value); err != nil {
			t.Errorf("%s with %s: %v", p.name, value, err)
		}
	})
}
