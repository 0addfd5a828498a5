package scrub_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/scrub"
)

func TestIndex(t *testing.T) {
	for _, test := range []struct {
		name         string
		add, removed []holding
		text, want   string
	}{
		{"nothing", nil, nil, "secret-key", "secret-key"},
		{"one", []holding{{0, "secret-key"}}, nil, "a secret-key.", "a <0>."},
		{"one without a name", []holding{{1, "secret-key"}}, nil, "a secret-key.", "a secret-key."},
		{"too short", []holding{{0, "1234567"}}, nil, "1234567", "1234567"},
		{"the longest", []holding{{0, "secret-key"}, {2, "secret-key-2"}}, nil, "secret-key-2 secret-key-3", "<2> <0>-3"},
		{"the longest with a name", []holding{{0, "secret-key"}, {1, "secret-key-2"}}, nil, "secret-key-2 secret-key-3", "<0>-2 <0>-3"},
		{"the longer one with a name", []holding{{1, "secret-key"}, {2, "secret-key-2"}}, nil, "secret-key-2 secret-key-3", "<2> secret-key-3"},
		{"after one without a name", []holding{{1, "secret-key"}, {2, "cret-key"}}, nil, "secret-key", "se<2>"},
		{"equal", []holding{{4, "secret-key"}, {2, "secret-key"}}, nil, "secret-key", "<4>"},
		{"equal, one without a name", []holding{{1, "secret-key"}, {2, "secret-key"}}, nil, "secret-key", "<2>"},
		{"a signature", []holding{{2, token}}, nil, "sig=c2lnbmF0dXJlLW9mLWFnZW50;", "sig=<2>;"},
		{"removed", []holding{{0, "secret-key"}}, []holding{{0, "secret-key"}}, "secret-key", "secret-key"},
		{"a signature removed", []holding{{2, token}}, []holding{{2, token}}, "c2lnbmF0dXJlLW9mLWFnZW50", "c2lnbmF0dXJlLW9mLWFnZW50"},
		{"one of two removed", []holding{{0, "secret-key"}, {2, "secret-key"}}, []holding{{0, "secret-key"}}, "secret-key", "<2>"},
		{"added twice, removed once", []holding{{0, "secret-key"}, {0, "secret-key"}}, []holding{{0, "secret-key"}}, "secret-key", "<0>"},
		{"the longer one removed", []holding{{0, "secret-key"}, {2, "secret-key-2"}}, []holding{{2, "secret-key-2"}}, "secret-key-2", "<0>-2"},
		{"the shorter one removed", []holding{{0, "secret-key"}, {2, "secret-key-2"}}, []holding{{0, "secret-key"}}, "secret-key-2 secret-key", "<2> secret-key"},
		{"one of three removed", []holding{{0, "secret-a"}, {2, "secret-b"}, {4, "secret-c"}}, []holding{{2, "secret-b"}}, "secret-a secret-b secret-c", "<0> secret-b <4>"},
		{"the longer ones removed", []holding{{0, "secret-key"}, {2, "secret-key-a"}, {4, "secret-key-b"}}, []holding{{2, "secret-key-a"}, {4, "secret-key-b"}}, "secret-key-a", "<0>-a"},
		{"removed, and never added", []holding{{0, "secret-key"}}, []holding{{2, "secret-key"}, {0, "secret"}, {0, "secret-ke"}, {0, "secret-kex"}, {0, "secret-key-2"}}, "secret-key", "<0>"},
		{"removed from nothing", nil, []holding{{0, "secret-key"}}, "secret-key", "secret-key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var x scrub.Index
			for _, h := range test.add {
				x.Add(owner(h.owner), h.value)
			}
			for _, h := range test.removed {
				x.Remove(owner(h.owner), h.value)
			}
			s := x.Scrubber(even{}, nil)
			if got, changed := s.String(test.text); got != test.want || changed != (test.text != test.want) {
				t.Errorf("String(%q) = %q, %v, want %q", test.text, got, changed, test.want)
			}
		})
	}
}

// What was put into one request stands beside the values of the Index.
func TestIndexAndList(t *testing.T) {
	var x scrub.Index
	x.Add(owner(0), "secret-key")
	x.Add(owner(1), "stranger")
	x.Add(owner(0), "a longer one, of the index")
	s := x.Scrubber(even{}, scrub.New([]scrub.Replacement{
		{Value: "secret-key", With: "A"}, {Value: "secret-key-2", With: "B"}, {Value: "stranger", With: "C"}, {Value: "key-of-a-request", With: "D"}, {Value: "a longer one", With: "E"},
	}))
	const text = "secret-key secret-key-2 stranger secret-key-of-a-request; a longer one, of the list; a longer one, of the index"
	const want = "<0> B C <0>-of-a-request; E, of the list; <0>"
	if got := string(s.Bytes(nil, []byte(text))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for cut := range len(text) {
		checkStreams(t, &s, []string{text[:cut], text[cut:]}, want)
	}
	alone := x.Scrubber(even{}, nil)
	for value, want := range map[string]bool{"secret-key": true, "stranger": false, "secret-key-2": false, "secret": true, "unheard-of": false} {
		if got := alone.Has(value); got != want {
			t.Errorf("Has(%q) = %t, want %t", value, got, want)
		}
		if !s.Has(value) && value != "unheard-of" {
			t.Errorf("Has(%q) = false with the list beside it", value)
		}
	}
}

// TestIndexAgainstLinear: thousands of values that begin alike come and go, and
// half of them have no name.
func TestIndexAgainstLinear(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	values := tokens(random, 4000)
	var x scrub.Index
	var held []holding
	for round := range 40 {
		for range 100 {
			h := holding{random.IntN(1000), values[round*100+random.IntN(100)]}
			x.Add(owner(h.owner), h.value)
			held = append(held, h)
		}
		for range 20 + 60*(round%2) {
			i := random.IntN(len(held))
			x.Remove(owner(held[i].owner), held[i].value)
			held = slices.Delete(held, i, i+1)
		}
		if round%4 == 3 {
			checkAgainstLinear(t, random, &x, held, prose(random, values[:(round+1)*100], 60))
		}
	}
	for _, h := range held {
		x.Remove(owner(h.owner), h.value)
	}
	if diff := prose(random, values, 500); scrubbed(&x, diff) != diff {
		t.Error("a value is found after all were removed")
	}
}

func scrubbed(x *scrub.Index, text string) string {
	s := x.Scrubber(even{}, nil)
	return string(s.Bytes(nil, []byte(text)))
}

// checkAgainstLinear compares a text in one piece, and in some, with what the
// linear scrubber makes of it.
func checkAgainstLinear(t *testing.T, random *rand.Rand, x *scrub.Index, held []holding, text string) {
	t.Helper()
	want := string(evenLinear(held).Bytes(nil, []byte(text)))
	if got := scrubbed(x, text); got != want {
		t.Fatalf("got %q\nof %q\nwant %q", got, text, want)
	}
	s := x.Scrubber(even{}, nil)
	for range 5 {
		checkStreams(t, &s, split(random, text, 1+random.IntN(20)), want)
	}
}

// TestEveryCut cuts a text at each of its places.
func TestEveryCut(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		var x scrub.Index
		var held []holding
		for i, value := range tokens(random, 30) {
			held = append(held, holding{i, value})
			x.Add(owner(i), value)
		}
		text := prose(random, tokensOf(held), 8)
		s, want := x.Scrubber(even{}, nil), string(evenLinear(held).Bytes(nil, []byte(text)))
		for cut := range len(text) {
			got, err := io.ReadAll(s.Reader(&pieces{left: []string{text[:cut], text[cut:]}}))
			if err != nil || string(got) != want {
				t.Fatalf("%q cut at %d: got %q, %v, want %q", text, cut, got, err, want)
			}
		}
	}
}

func tokensOf(held []holding) (list []string) {
	for _, h := range held {
		list = append(list, h.value)
	}
	return list
}

// FuzzIndex makes values of two letters, which overlap all the time, out of
// bytes, and adds and removes them.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"), "aaaaaaaabaaaaaaaab", uint16(9))
	f.Add([]byte("\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0\xff\x7f"), "abababababababababab", uint16(3))
	f.Fuzz(func(t *testing.T, steps []byte, text string, cut uint16) {
		var x scrub.Index
		var held []holding
		for i, step := range steps[:min(len(steps), 64)] {
			if step%4 == 3 && len(held) > 0 {
				at := int(step>>2) % len(held)
				x.Remove(owner(held[at].owner), held[at].value)
				held = slices.Delete(held, at, at+1)
				continue
			}
			h := holding{int(step >> 6), strings.Repeat(strings.Repeat("a", 1+int(step>>2)%5)+"b", 10)[i%3:][:scrub.MinLength+i%7]}
			x.Add(owner(h.owner), h.value)
			held = append(held, h)
		}
		s := x.Scrubber(even{}, nil)
		want := string(evenLinear(held).Bytes(nil, []byte(text)))
		if got := string(s.Bytes(nil, []byte(text))); got != want {
			t.Fatalf("%v: got %q of %q, want %q", held, got, text, want)
		}
		at := int(cut) % (len(text) + 1)
		if got, err := io.ReadAll(s.Reader(&pieces{left: []string{text[:at], text[at:]}})); err != nil || string(got) != want {
			t.Fatalf("%v: got %q of %q cut at %d, and error %v, want %q", held, got, text, at, err, want)
		}
	})
}

// Nobody learns from what is held back how a value begins that has no name here.
func TestOthersAreNotHeldBack(t *testing.T) {
	var x scrub.Index
	for i := range 9 {
		x.Add(owner(2*i+1), fmt.Sprintf("secret-key-%d", i))
	}
	x.Add(owner(0), "secrets-of-mine")
	x.Add(owner(1), "another-value")
	s := x.Scrubber(even{}, nil)
	for event, want := range map[string]string{
		"data: secret-key-1": "data: secret-key-1", "secret-": "secret-", "secret-key-": "secret-key-", "secrets": "", "x sec": "x ",
		"another-va": "another-va", "an": "an",
	} {
		asked := 0
		r := s.Reader(readerFunc(func(p []byte) (int, error) {
			if asked++; asked > 1 {
				return 0, io.ErrUnexpectedEOF
			}
			return copy(p, event), nil
		}))
		if got, err := io.ReadAll(r); string(got) != want || err != io.ErrUnexpectedEOF {
			t.Errorf("of %q came %q and error %v before more was asked for, want %q", event, got, err, want)
		}
	}
}
