package intercept_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/crypto/cryptobyte"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// hello is the first message of Go's client, in as many records as it has.
func hello(t testing.TB, config *tls.Config) []byte {
	t.Helper()
	here, there := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tls.Client(there, config).Handshake()
	}()
	var text []byte
	for message := text; len(message) < 4 || len(message) < 4+int(binary.BigEndian.Uint32(message)&0xffffff); message = withoutHeads(text) {
		buffer := make([]byte, 64<<10)
		n, err := here.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, buffer[:n]...)
	}
	_ = here.Close()
	<-done
	return text
}

// encrypted is a list of one config for Encrypted Client Hello, RFC 9849
// section 4.
func encrypted(t testing.TB, publicName string) []byte {
	t.Helper()
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var b cryptobyte.Builder
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(0xfe0d)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(1)       // config_id
			b.AddUint16(0x0020) // DHKEM(X25519, HKDF-SHA256)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key.PublicKey().Bytes()) })
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16(1) // HKDF-SHA256
				b.AddUint16(1) // AES-128-GCM
			})
			b.AddUint8(32) // maximum_name_length
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(publicName)) })
			b.AddUint16(0) // no extensions
		})
	})
	return b.BytesOrPanic()
}

// A vector is the first message of a client, and the server name in it.
type vector struct {
	text []byte
	name string
}

// vectors are the first messages of clients: of this Go's, and the kept ones.
func vectors(t testing.TB) map[string]vector {
	t.Helper()
	list := map[string]vector{
		"go":         {hello(t, &tls.Config{ServerName: "api.acme.test"}), "api.acme.test"},
		"go-tls1_2":  {hello(t, &tls.Config{ServerName: "api.acme.test", MaxVersion: tls.VersionTLS12}), "api.acme.test"},
		"go-address": {hello(t, &tls.Config{ServerName: "127.0.0.1"}), ""},
		"go-long":    {hello(t, &tls.Config{ServerName: "api.acme.test", NextProtos: protocols(250)}), "api.acme.test"},
		"go-encrypted": {hello(t, &tls.Config{
			ServerName: "api.acme.test", EncryptedClientHelloConfigList: encrypted(t, "public.test"),
		}), "public.test"},
	}
	files, err := filepath.Glob(filepath.Join("testdata", "hello", "*"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"curl-address": "", "openssl-noname": "", "wget": "localhost"}
	for _, file := range files {
		client := filepath.Base(file)
		if client == "README.md" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, known := names[client]
		if !known {
			name = "api.acme.test"
		}
		list[client] = vector{text, name}
	}
	return list
}

// protocols are so many names of protocols, 200 bytes each.
func protocols(count int) []string { return slices.Repeat([]string{strings.Repeat("x", 200)}, count) }

// records gives a message of TLS in records of another size. One record has 16
// KiB at most.
func records(text []byte, size int) []byte {
	var message []byte
	for len(text) > 0 {
		length := int(binary.BigEndian.Uint16(text[3:]))
		message, text = append(message, text[5:5+length]...), text[5+length:]
	}
	var out []byte
	for part := range slices.Chunk(message, size) {
		out = append(binary.BigEndian.AppendUint16(append(out, 22, 3, 1), uint16(len(part))), part...)
	}
	return out
}

func TestPeekServerName(t *testing.T) {
	list := vectors(t)
	if len(list["go-long"].text) < 32<<10 || len(list["chrome"].text) < 1500 {
		t.Errorf("the long messages have %d and %d bytes, want more than a record and a packet", len(list["go-long"].text), len(list["chrome"].text))
	}
	for _, client := range slices.Sorted(maps.Keys(list)) {
		v := list[client]
		for _, form := range []struct {
			name string
			text []byte
		}{{"as it is", v.text}, {"in small records", records(v.text, 100)}, {"in a record for every seven bytes", records(v.text, 7)}} {
			if len(form.text) > 64<<10 {
				continue
			}
			for reads, reader := range map[string]func(io.Reader) io.Reader{"at once": noChange, "byte by byte": iotest.OneByteReader, "in halves": iotest.HalfReader, "with the end": iotest.DataErrReader} {
				name, read, err := intercept.PeekServerName(reader(bytes.NewReader(form.text)))
				if name != v.name || !bytes.Equal(read, form.text) || err != nil {
					t.Errorf("%s %s, %s: got %q, %d of %d bytes and error %v, want %q", client, form.name, reads, name, len(read), len(form.text), err, v.name)
				}
			}
		}
	}
}

func noChange(r io.Reader) io.Reader { return r }

// What comes behind the message is left where it is, as far as r lets it be, and
// not waited for.
func TestPeekServerNameReadsNoFurther(t *testing.T) {
	for client, v := range vectors(t) {
		behind := iotest.ErrReader(errors.New("it was waited for"))
		name, read, err := intercept.PeekServerName(io.MultiReader(bytes.NewReader(v.text), behind))
		if name != v.name || !bytes.Equal(read, v.text) || err != nil {
			t.Errorf("%s: got %q, %d of %d bytes and error %v", client, name, len(read), len(v.text), err)
		}
		r := iotest.OneByteReader(io.MultiReader(bytes.NewReader(v.text), strings.NewReader("more")))
		_, read, _ = intercept.PeekServerName(r)
		if rest, err := io.ReadAll(r); !bytes.Equal(read, v.text) || string(rest) != "more" || err != nil {
			t.Errorf("%s: read %d of %d bytes, %q is left, error %v", client, len(read), len(v.text), rest, err)
		}
	}
}

func TestPeekServerNameRefuses(t *testing.T) {
	text := hello(t, &tls.Config{ServerName: "api.acme.test"})
	dotted := bytes.Replace(text, []byte("api.acme.test"), []byte("api.acme.tes."), 1)
	other := slices.Clone(text)
	other[5] = 2 // a ServerHello
	for kind, wrong := range map[string][]byte{
		"nothing":       nil,
		"http":          []byte("GET / HTTP/1.1\r\nHost: api.acme.test\r\n\r\n"),
		"ssh":           []byte("SSH-2.0-OpenSSH_9.2\r\n"),
		"cut":           text[:len(text)-1],
		"cut early":     text[:3],
		"alert":         {21, 3, 3, 0, 2, 2, 112},
		"data":          {23, 3, 3, 0, 2, 2, 112},
		"ServerHello":   other,
		"SSL 2":         {0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10},
		"trailing dot":  dotted,
		"empty records": bytes.Repeat([]byte{22, 3, 1, 0, 0}, 100),
		"huge message":  {22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff},
	} {
		if name, read, err := intercept.PeekServerName(bytes.NewReader(wrong)); err == nil || !bytes.HasPrefix(wrong, read) {
			t.Errorf("%s: got %q, %d bytes and error %v, want an error", kind, name, len(read), err)
		}
	}
}

// A message that never ends is given up after 64 KiB.
func TestPeekServerNameIsBounded(t *testing.T) {
	text := hello(t, &tls.Config{ServerName: "api.acme.test", NextProtos: protocols(300)})
	text = records(text, 20) // many heads of records make it long
	if len(text) <= 64<<10 {
		t.Fatalf("the message has %d bytes only", len(text))
	}
	_, read, err := intercept.PeekServerName(bytes.NewReader(text))
	if err == nil || !strings.Contains(err.Error(), "64 KiB") || len(read) != 64<<10 {
		t.Errorf("got %d bytes and error %v, want an error after 64 KiB", len(read), err)
	}
}

// The errors of r are given, whatever has come before.
func TestPeekServerNameErrors(t *testing.T) {
	text := hello(t, &tls.Config{ServerName: "api.acme.test"})
	for _, length := range []int{0, 1, 5, 100, len(text) - 1} {
		_, read, err := intercept.PeekServerName(io.MultiReader(bytes.NewReader(text[:length]), iotest.ErrReader(os.ErrDeadlineExceeded)))
		if !errors.Is(err, os.ErrDeadlineExceeded) || len(read) != length {
			t.Errorf("after %d bytes: got %d bytes and error %v, want the time-out", length, len(read), err)
		}
	}
}

func TestCheckServerName(t *testing.T) {
	for _, test := range []struct {
		name, host string
		ok         bool
	}{
		{"api.acme.test", "api.acme.test", true},
		{"API.acme.test", "api.acme.test", true},
		{"api.acme.test.", "api.acme.test", true},
		{"", "api.acme.test", true},
		{"127.0.0.1", "127.0.0.1", true},
		{"0:0:0:0:0:0:0:1", "::1", true},
		{"acme.test", "api.acme.test", false},
		{"api.acme.test\x00", "api.acme.test", false},
		{"api.acme.test..", "api.acme.test", false},
		{strings.Repeat("x", 60000), "api.acme.test", false},
	} {
		err := intercept.CheckServerName(test.name, test.host)
		if test.ok != (err == nil) || !test.ok && !errors.Is(err, intercept.ErrServerName) {
			t.Errorf("%.100q for %q: got error %v, want none: %t", test.name, test.host, err, test.ok)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	}
}

func FuzzPeekServerName(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.text)
		f.Add(records(v.text, 50))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name, read, err := intercept.PeekServerName(bytes.NewReader(text))
		if !bytes.HasPrefix(text, read) || len(read) > 64<<10 {
			t.Errorf("read %d bytes that are not the first", len(read))
		}
		if err != nil && name != "" {
			t.Errorf("got both the name %q and error %v", name, err)
		}
		if !strings.Contains(string(withoutHeads(read)), name) {
			t.Errorf("got the name %q, which is not in the message", name)
		}
		again, slowly, errSlowly := intercept.PeekServerName(iotest.OneByteReader(bytes.NewReader(text)))
		if again != name || (err == nil) != (errSlowly == nil) || !bytes.HasPrefix(read, slowly) {
			t.Errorf("at once: %q and error %v; byte by byte: %q and error %v", name, err, again, errSlowly)
		}
	})
}

// withoutHeads gives what is in records.
func withoutHeads(text []byte) (inside []byte) {
	for len(text) >= 5 {
		length := min(int(binary.BigEndian.Uint16(text[3:])), len(text)-5)
		inside, text = append(inside, text[5:5+length]...), text[5+length:]
	}
	return inside
}

// BenchmarkPeekServerName is what a blind tunnel costs more at its beginning.
func BenchmarkPeekServerName(b *testing.B) {
	text := hello(b, &tls.Config{ServerName: "api.acme.test"})
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := intercept.PeekServerName(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
