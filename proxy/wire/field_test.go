package wire_test

import (
	"bufio"
	"bytes"
	"errors"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/wire"
)

func linesOf(fields []wire.Field) []string {
	var lines []string
	for _, f := range fields {
		lines = append(lines, string(f.Name)+"="+string(f.Value))
	}
	return lines
}

func TestScan(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      []string
		err       error
	}{
		{"empty", "", nil, nil},
		{"empty line", "\r\n", nil, nil},
		{"one", "a: b\r\n\r\n", []string{"a=b"}, nil},
		{"without the empty line", "a: b\r\n", []string{"a=b"}, nil},
		{"order and spelling", "x-B: 1\r\nX-a: 2\r\nX-b: 3\r\n\r\n", []string{"x-B=1", "X-a=2", "X-b=3"}, nil},
		{"white space around", "a: \t b c\t \r\n\r\n", []string{"a=b c"}, nil},
		{"no white space", "a:b\r\n\r\n", []string{"a=b"}, nil},
		{"empty values", "a:\r\nb: \r\n\r\n", []string{"a=", "b="}, nil},
		{"colons", "a::b: c\r\n\r\n", []string{"a=:b: c"}, nil},
		{"beyond ASCII", "a: \u00fc\xff\r\n\r\n", []string{"a=\u00fc\xff"}, nil},
		{"all of a token", "!#$%&'*+-.^_`|~09azAZ: 1\r\n\r\n", []string{"!#$%&'*+-.^_`|~09azAZ=1"}, nil},
		{"most", "a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n", []string{"a=1", "b=2", "c=3", "d=4"}, nil},
		{"too many", "a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\ne: 5\r\n\r\n", []string{"a=1", "b=2", "c=3", "d=4"}, wire.ManyFields},
		{"no end", "a: b", nil, wire.NoEnd},
		{"only a carriage return", "a: b\r", nil, wire.NoEnd},
		{"something behind the end", "a: b\r\n\r\nc: d\r\n", []string{"a=b"}, wire.NoEnd},
		{"bare line feed", "a: b\nc: d\r\n\r\n", nil, wire.BareLineFeed},
		{"bare line feed at the end", "a: b\r\n\n", []string{"a=b"}, wire.BareLineFeed},
		{"bare carriage return", "a: b\rc: d\r\n\r\n", nil, wire.BareCarriageReturn},
		{"bare carriage return at the end of a line", "a: b\r\r\n\r\n", nil, wire.BareCarriageReturn},
		{"bare carriage return in a name", "a\rb: c\r\n\r\n", nil, wire.BareCarriageReturn},
		{"bare carriage return first", "\r\r\n", nil, wire.BareCarriageReturn},
		{"folded", "a: b\r\n c\r\n\r\n", []string{"a=b"}, wire.Folded},
		{"folded with a tab", "a: b\r\n\tc: d\r\n\r\n", []string{"a=b"}, wire.Folded},
		{"folded at once", " a: b\r\n\r\n", nil, wire.Folded},
		{"only white space", "a: b\r\n \r\n\r\n", []string{"a=b"}, wire.Folded},
		{"no colon", "ab\r\n\r\n", nil, wire.NoColon},
		{"no name", ": b\r\n\r\n", nil, wire.FieldName},
		{"space in a name", "a b: c\r\n\r\n", nil, wire.FieldName},
		{"space before the colon", "a : c\r\n\r\n", nil, wire.FieldName},
		{"tab before the colon", "a\t: c\r\n\r\n", nil, wire.FieldName},
		{"name beyond ASCII", "\u00fc: c\r\n\r\n", nil, wire.FieldName},
		{"nul in a name", "a\x00: c\r\n\r\n", nil, wire.FieldName},
		{"nul in a value", "a: b\x00c\r\n\r\n", nil, wire.FieldValue},
		{"delete in a value", "a: \x7f\r\n\r\n", nil, wire.FieldValue},
		{"form feed around a value", "a: \fb\r\n\r\n", nil, wire.FieldValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := wire.Scan(nil, []byte(test.raw), 4)
			if !errors.Is(err, test.err) {
				t.Errorf("got error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, linesOf(got)); diff != "" {
				t.Errorf("the fields differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestScanAppends: what is in dst stays, and counts.
func TestScanAppends(t *testing.T) {
	first, err := wire.Scan(nil, []byte("a: 1\r\n"), 2)
	if err != nil {
		t.Fatal(err)
	}
	both, err := wire.Scan(first, []byte("b: 2\r\n"), 2)
	if err != nil || len(both) != 2 || string(both[0].Name) != "a" || string(both[1].Name) != "b" {
		t.Errorf("got %v, %v", linesOf(both), err)
	}
	if _, err = wire.Scan(both, []byte("c: 3\r\n"), 2); err != wire.ManyFields {
		t.Errorf("got %v, want %v", err, wire.ManyFields)
	}
}

func TestDropHopByHop(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      []string // that travel on
	}{
		{"nothing", "a: 1\r\nHost: b\r\n", []string{"a", "Host"}},
		{"always", "Connection: close\r\nEGRET-key: k\r\nKeep-Alive: 1\r\nProxy-Connection: a\r\nproxy-authorization: b\r\nProxy-Authenticate: c\r\n" +
			"Proxy-Authentication-Info: d\r\nTE: trailers\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\nUPGRADE: h2c\r\nx: 1\r\n", []string{"x"}},
		{"named", "Connection: X-a ,\tx-B\r\nx-A: 1\r\nX-B: 2\r\nX-C: 3\r\nX-A-B: 4\r\n", []string{"X-C", "X-A-B"}},
		{"named before and behind", "a: 1\r\nConnection: a\r\nA: 2\r\nb: 3\r\n", []string{"b"}},
		{"each line", "Connection: a\r\nconnection: b\r\na: 1\r\nb: 2\r\nc: 3\r\n", []string{"c"}},
		{"empty members", "Connection: ,, a,\r\na: 1\r\nb: 2\r\n", []string{"b"}},
		{"options", "Connection: close, keep-alive\r\nClose: 1\r\nKeep-alive-x: 2\r\n", []string{"Close", "Keep-alive-x"}},
		{
			"vital", "Connection: authorization, HOST, content-length, cookie, set-cookie, content-type, content-encoding, cache-control\r\n" +
				"Authorization: a\r\nHost: b\r\nContent-Length: 1\r\nCookie: c\r\nSet-Cookie: d\r\nContent-Type: e\r\nContent-Encoding: f\r\nCache-Control: g\r\n",
			[]string{"Authorization", "Host", "Content-Length", "Cookie", "Set-Cookie", "Content-Type", "Content-Encoding", "Cache-Control"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			fields, err := wire.Scan(nil, []byte(test.raw), 99)
			if err != nil {
				t.Fatal(err)
			}
			wire.DropHopByHop(fields)
			var got []string
			for i := range fields {
				if !fields[i].Drop {
					got = append(got, string(fields[i].Name))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("what travels on differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHasOption(t *testing.T) {
	for _, test := range []struct {
		list, option string
		want         bool
	}{
		{"close", "close", true},
		{"CLOSE", "close", true},
		{" close\t", "close", true},
		{"a, close", "close", true},
		{"close,a", "close", true},
		{",,close,", "close", true},
		{"a,\tClose ,b", "close", true},
		{"", "close", false},
		{"closed", "close", false},
		{"clos", "close", false},
		{"a close", "close", false},
		{"close;q=1", "close", false},
		{",", "close", false},
	} {
		if got := wire.HasOption([]byte(test.list), test.option); got != test.want {
			t.Errorf("HasOption(%q, %q) = %v, want %v", test.list, test.option, got, test.want)
		}
	}
}

func TestKindsOf(t *testing.T) {
	fields, _ := wire.Scan(nil, []byte("a: 1\r\nhost: 2\r\nHost: 3\r\n"), 9)
	if kinds := wire.KindsOf(fields); !kinds.Has(wire.Host) || !kinds.Has(wire.Other) || kinds.Has(wire.Cookie) || kinds.Overlaps(wire.Hops) {
		t.Errorf("KindsOf gives %b, want Host and Other", kinds)
	}
}

// FuzzScan holds Scan against net/textproto: what it accepts, that reads in the
// same way.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		"", "a: b\r\n", "a: b\r\nA: c\r\n", "a:\t b \r\nb:\r\n", "a: b\r\n c\r\n", "a : b\r\n", "a: b\n", "a: \x00\r\n", "Content-Length: 1\r\ncontent-length: 2\r\n", "!#$%&'*+-.^_`|~: \xff\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields, err := wire.Scan(nil, raw, 1000)
		if err != nil {
			return
		}
		got := textproto.MIMEHeader{}
		for _, field := range fields {
			got.Add(string(field.Name), string(field.Value))
			if !wire.IsToken(field.Name) || !wire.IsValue(field.Value) || field.Kind != wire.KindOf(string(field.Name)) || field.Drop {
				t.Errorf("%q: %q, %q is no field", raw, field.Name, field.Value)
			}
		}
		if !bytes.HasSuffix(append([]byte("\r\n"), raw...), []byte("\r\n\r\n")) {
			raw = append(raw, "\r\n"...)
		}
		theirs, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadMIMEHeader()
		if err != nil {
			t.Fatalf("net/textproto refuses %q: %v", raw, err)
		}
		if diff := cmp.Diff(theirs, got); diff != "" {
			t.Errorf("%q: net/textproto reads it in another way (-theirs +ours):\n%s", raw, diff)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	raw := []byte("Date: Sun, 22 Nov 2026 06:30:34 GMT\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 512\r\nConnection: keep-alive\r\n" +
		"Server: nginx\r\nVary: Accept-Encoding\r\nX-Request-Id: 2b6f0cc904d137be2e1730235f5664094b831186\r\nCache-Control: private, no-store\r\n" +
		"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nSet-Cookie: session=" + strings.Repeat("a", 40) + "; Path=/; HttpOnly\r\n\r\n")
	fields := make([]wire.Field, 0, 32)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if fields, err = wire.Scan(fields[:0], raw, 200); err != nil {
			b.Fatal(err)
		}
		if _, err = wire.FramingOf(fields, false); err != nil {
			b.Fatal(err)
		}
		wire.DropHopByHop(fields)
	}
}

// TestScanAllocates: nothing, when there is room.
func TestScanAllocates(t *testing.T) {
	raw := []byte("Host: a.test\r\nContent-Length: 3\r\nX-Forwarded-For: a\r\nConnection: close, x\r\n\r\n")
	fields := make([]wire.Field, 0, 8)
	n := testing.AllocsPerRun(100, func() {
		fields, _ = wire.Scan(fields[:0], raw, 8)
		wire.DropHopByHop(fields)
	})
	if n != 0 || len(fields) != 4 {
		t.Errorf("Scan of %d fields allocates %v times, want 4 fields and 0", len(fields), n)
	}
}
