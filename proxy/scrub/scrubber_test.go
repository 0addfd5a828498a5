package scrub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/scrub"
)

const (
	token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJlLW9mLWFnZW50"
	id    = "11111111-2222-3333-4444-555555555555"
)

func TestString(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []scrub.Replacement
		text   string
		want   string
	}{
		{"whole", []scrub.Replacement{{Value: "secret-key", With: "ID"}}, "key is secret-key.", "key is ID."},
		{"alone", []scrub.Replacement{{Value: "secret-key", With: "ID"}}, "secret-key", "ID"},
		{"twice", []scrub.Replacement{{Value: "secret-key", With: "ID"}}, "secret-keysecret-key", "IDID"},
		{"cut short", []scrub.Replacement{{Value: "secret-key", With: "ID"}}, "secret-ke", "secret-ke"},
		{"begun twice", []scrub.Replacement{{Value: "aaaaaaab", With: "ID"}}, "aaaaaaaaab", "aaID"},
		{"jwt", []scrub.Replacement{{Value: token, With: id}}, `{"token":"` + token + `"}`, `{"token":"` + id + `"}`},
		{"jwt signature", []scrub.Replacement{{Value: token, With: id}}, "sig=c2lnbmF0dXJlLW9mLWFnZW50;", "sig=" + id + ";"},
		{"jwt claims stay", []scrub.Replacement{{Value: token, With: id}}, "eyJzdWIiOiJhZ2VudCJ9", "eyJzdWIiOiJhZ2VudCJ9"},
		{"no jwt", []scrub.Replacement{{Value: "1.2.a-long-third-part!", With: id}}, "a-long-third-part!", "a-long-third-part!"},
		{"short signature", []scrub.Replacement{{Value: "abcdef.abcdef.1234567", With: id}}, "1234567", "1234567"},
		{"prefix of another", []scrub.Replacement{{Value: "secret-key", With: "A"}, {Value: "secret-key-2", With: "B"}}, "secret-key-2 secret-key-3", "B A-3"},
		{"prefix of another, listed last", []scrub.Replacement{{Value: "secret-key-2", With: "B"}, {Value: "secret-key", With: "A"}}, "secret-key-2 secret-key-3", "B A-3"},
		{"overlapping", []scrub.Replacement{{Value: "abcdefgh", With: "A"}, {Value: "efghijkl", With: "B"}}, "abcdefghijkl", "Aijkl"},
		{"inside another", []scrub.Replacement{{Value: "cdefghij", With: "A"}, {Value: "abcdefghijkl", With: "B"}}, "abcdefghijkl cdefghij", "B A"},
		{"equal", []scrub.Replacement{{Value: "secret-key", With: "A"}, {Value: "secret-key", With: "B"}}, "secret-key", "A"},
		{"result is not read again", []scrub.Replacement{{Value: "secret-key", With: "other-key"}, {Value: "other-key", With: "ID"}}, "secret-key", "other-key"},
		{"any bytes", []scrub.Replacement{{Value: "\x00\xff\xfe\x80abcd", With: "ID"}}, "\xff\x00\xff\xfe\x80abcd\x80", "\xffID\x80"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := scrub.New(test.values)
			got, changed := s.String(test.text)
			if got != test.want || changed != (test.text != test.want) {
				t.Errorf("String(%q) = %q, %v, want %q", test.text, got, changed, test.want)
			}
			if got := string(s.Bytes([]byte("before "), []byte(test.text))); got != "before "+test.want {
				t.Errorf("Bytes(%q) = %q, want %q", test.text, got, "before "+test.want)
			}
		})
	}
}

func TestNothingToReplace(t *testing.T) {
	for _, values := range [][]scrub.Replacement{nil, {{Value: "", With: "ID"}}, {{Value: "1234567", With: "ID"}}} {
		s := scrub.New(values)
		if s != nil {
			t.Errorf("New of %d values that are too short is not nil", len(values))
		}
		if got, changed := s.String("1234567"); got != "1234567" || changed {
			t.Errorf("String = %q, %v, want it untouched", got, changed)
		}
		if got := s.Bytes(nil, []byte("1234567")); string(got) != "1234567" {
			t.Errorf("Bytes = %q, want it untouched", got)
		}
		source := strings.NewReader("x")
		if got := s.Reader(source); got != source {
			t.Errorf("Reader = %T, want the source itself", got)
		}
	}
}

// TestAgainstRegexp compares with another implementation of "the first, and of
// those the longest", over texts in which values overlap all the time.
func TestAgainstRegexp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		values, text := randomCase(random)
		want := oracle(values, text)
		if got, _ := scrub.New(values).String(text); got != want {
			t.Fatalf("values %q: String(%q) = %q, want %q", texts(values), text, got, want)
		}
	}
}

// randomCase makes values and a text of two letters.
func randomCase(random *rand.Rand) ([]scrub.Replacement, string) {
	values := make([]scrub.Replacement, 1+random.IntN(4))
	for i := range values {
		values[i] = scrub.Replacement{Value: letters(random, scrub.MinLength+random.IntN(6)), With: fmt.Sprintf("<%d>", i)}
	}
	text := letters(random, random.IntN(60))
	for range random.IntN(4) {
		at := random.IntN(len(text) + 1)
		text = text[:at] + values[random.IntN(len(values))].Value + text[at:]
	}
	return values, text
}

func letters(random *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "aaab"[random.IntN(4)]
	}
	return string(b)
}

func oracle(values []scrub.Replacement, text string) string {
	with, patterns := map[string]string{}, []string{}
	for _, r := range values {
		if _, known := with[r.Value]; !known {
			with[r.Value] = r.With
			patterns = append(patterns, regexp.QuoteMeta(r.Value))
		}
	}
	re := regexp.MustCompile(strings.Join(patterns, "|"))
	re.Longest()
	return re.ReplaceAllStringFunc(text, func(found string) string { return with[found] })
}

func texts(values []scrub.Replacement) []string {
	list := []string{}
	for _, r := range values {
		list = append(list, r.Value)
	}
	return list
}

// TestPrintsNoValue: a Scrubber holds live values, and stands in structs that
// somebody will print.
func TestPrintsNoValue(t *testing.T) {
	r := scrub.Replacement{Value: "secret-key", With: id}
	s := scrub.New([]scrub.Replacement{r})
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&printed, verb+verb+verb+"\n", s, r, []scrub.Replacement{r})
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(handler).Info("scrub", "scrubber", s, "replacement", r, "all", []scrub.Replacement{r})
	}
	if err := json.NewEncoder(&printed).Encode([]any{s, r, map[string]any{"s": s}}); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"secret-key", fmt.Sprintf("%x", "secret-key"), fmt.Sprint([]byte("secret-key"))} {
		if strings.Contains(printed.String(), form) {
			t.Errorf("the value is printed as %q:\n%s", form, printed.String())
		}
	}
	if !strings.Contains(printed.String(), "[secret]") {
		t.Errorf("nothing is masked:\n%s", printed.String())
	}
}

func ExampleScrubber_String() {
	s := scrub.New([]scrub.Replacement{{Value: "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", With: "11111111-2222-3333-4444-555555555555"}})
	text, changed := s.String(`{"you sent": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"}`)
	fmt.Println(text, changed)
	// Output: {"you sent": "Bearer 11111111-2222-3333-4444-555555555555"} true
}

func BenchmarkBytes(b *testing.B) {
	s := scrub.New([]scrub.Replacement{{Value: token, With: id}, {Value: "another-static-credential", With: id}})
	for _, size := range []int{1 << 10, 64 << 10} {
		text := []byte(strings.Repeat(`{"order":{"id":"A-1001","state":"sent"}},`, size/40+1)[:size])
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			dst := slices.Grow([]byte(nil), 2*size)
			for b.Loop() {
				dst = s.Bytes(dst[:0], text)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		scrub.New([]scrub.Replacement{{Value: token, With: id}})
	}
}
