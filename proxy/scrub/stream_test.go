package scrub_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/egret-proxy/egret/proxy/scrub"
)

// pieces gives its elements one Read at a time.
type pieces struct {
	left []string
	err  error // at the end, instead of io.EOF
}

func (p *pieces) Read(dst []byte) (int, error) {
	for len(p.left) > 0 && p.left[0] == "" {
		p.left = p.left[1:]
	}
	if len(p.left) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		return 0, io.EOF
	}
	n := copy(dst, p.left[0])
	p.left[0] = p.left[0][n:]
	return n, nil
}

// split cuts text into up to n pieces.
func split(random *rand.Rand, text string, n int) []string {
	var list []string
	for range n - 1 {
		cut := random.IntN(len(text) + 1)
		list, text = append(list, text[:cut]), text[cut:]
	}
	return append(list, text)
}

// TestAnySplit: however a stream is cut, the result is that of one piece.
func TestAnySplit(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		values, text := randomCase(random)
		s := scrub.New(values)
		want, _ := s.String(text)
		list := split(random, text, 1+random.IntN(8))
		checkStreams(t, s, list, want)
	}
}

func checkStreams(t *testing.T, s *scrub.Scrubber, list []string, want string) {
	t.Helper()
	clone := func() io.Reader { return &pieces{left: append([]string(nil), list...)} }
	for name, r := range map[string]io.Reader{
		"Reader":           s.Reader(clone()),
		"Reader, one byte": iotest.OneByteReader(s.Reader(clone())),
		"Reader, data+err": s.Reader(iotest.DataErrReader(clone())),
	} {
		got, err := io.ReadAll(r)
		if err != nil || string(got) != want {
			t.Fatalf("%s of %q = %q, %v, want %q", name, list, got, err, want)
		}
	}
}

// TestEventIsNotHeldBack: an event that has come must leave before the next one
// comes. The source fails the test when it is asked for more than is needed.
func TestEventIsNotHeldBack(t *testing.T) {
	s := scrub.New([]scrub.Replacement{{Value: "secret-key", With: id}, {Value: token, With: id}})
	for _, event := range []string{"data: hello\n\n", "data: secret-key\n\n", "data: eyJhbGciOi\n\n"} {
		asked := 0
		source := readerFunc(func(p []byte) (int, error) {
			if asked++; asked > 1 {
				t.Fatalf("the event %q is held back", event)
			}
			return copy(p, event), nil
		})
		want := strings.ReplaceAll(event, "secret-key", id)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(s.Reader(source), got); err != nil || string(got) != want {
			t.Errorf("read %q, %v, want %q", got, err, want)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestBrokenStream: the beginning of a value is dropped with the rest of it, and
// the error is the one of the source.
func TestBrokenStream(t *testing.T) {
	s := scrub.New([]scrub.Replacement{{Value: "secret-key", With: id}})
	broken := errors.New("broken")
	got, err := io.ReadAll(s.Reader(&pieces{left: []string{"one two secret-ke"}, err: broken}))
	if string(got) != "one two " || !errors.Is(err, broken) {
		t.Errorf("got %q, %v, want %q, %v", got, err, "one two ", broken)
	}
}

// TestLongValue: a value longer than any buffer.
func TestLongValue(t *testing.T) {
	value := strings.Repeat("abcdefghij", 10_000)
	s := scrub.New([]scrub.Replacement{{Value: value, With: id}})
	text := value[:50_000] + "!" + value + "end"
	got, err := io.ReadAll(s.Reader(iotest.HalfReader(strings.NewReader(text))))
	if want := value[:50_000] + "!" + id + "end"; err != nil || string(got) != want {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(want))
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("secret-key", "secret-key-2", "a secret-key-2 secret-key", uint16(5), uint16(9))
	f.Add(token, "c2lnbmF0dXJl", token+token, uint16(30), uint16(31))
	f.Add("aaaaaaaab", "aaaaaaaaa", "aaaaaaaaaaaaaaaab", uint16(8), uint16(9))
	f.Fuzz(func(t *testing.T, a, b, text string, i, j uint16) {
		values := []scrub.Replacement{{Value: a, With: "<a>"}, {Value: b, With: "<b>"}}
		s := scrub.New(values)
		want, changed := s.String(text)
		first := int(i) % (len(text) + 1)
		second := first + int(j)%(len(text)-first+1)
		got, err := io.ReadAll(s.Reader(&pieces{left: []string{text[:first], text[first:second], text[second:]}}))
		if err != nil || string(got) != want {
			t.Errorf("cut at %d and %d: got %q, %v, want %q", first, second, got, err, want)
		}
		if !changed && want != text {
			t.Errorf("String(%q) = %q, and says it is unchanged", text, want)
		}
		for _, r := range values {
			if len(r.Value) >= scrub.MinLength && strings.Contains(text, r.Value) && !changed {
				t.Errorf("String(%q) does not find %q", text, r.Value)
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	s := scrub.New([]scrub.Replacement{{Value: token, With: id}, {Value: "another-static-credential", With: id}})
	text := bytes.Repeat([]byte(`data: {"order":{"id":"A-1001","state":"sent"}}`+"\n\n"), 1400)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, s.Reader(bytes.NewReader(text))); err != nil {
			b.Fatal(err)
		}
	}
}
