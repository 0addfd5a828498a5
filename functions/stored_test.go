package functions_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/egret-proxy/egret/functions"
)

func TestStoredAnswers(t *testing.T) {
	for _, answer := range []functions.Answer{
		{Status: 200},
		{Status: 204, Header: []byte("X-Empty: \r\n")},
		{Status: 599, Header: []byte("A: 1\r\na: 2\r\nB: \xff\"<>\r\n"), Body: []byte("\x00\n{}\xff")},
		{Status: 200, Header: []byte("Long: " + strings.Repeat("x", 300) + "\r\n"), Body: bytes.Repeat([]byte("y"), 1_000)},
	} {
		var got functions.Answer
		const stale = 90 * time.Second
		if got, err := functions.DecodeAnswer(functions.EncodeAnswer(&answer, stale), &got); err != nil || got != stale {
			t.Fatalf("DecodeAnswer: %s, %v, want %s", got, err, stale)
		}
		if diff := cmp.Diff(answer, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	}
}

// Whatever a store gives back is read without a panic, and what can be read is
// written as it was.
func FuzzStored(f *testing.F) {
	for _, answer := range []functions.Answer{
		{Status: 200, Body: []byte("{}")},
		{Status: 404, Header: []byte("Content-Type: text/plain\r\nX: \xff\r\n"), Body: []byte("\n")},
	} {
		data := functions.EncodeAnswer(&answer, time.Minute)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte{})
	f.Add([]byte(`{"status":200}` + "\n"))
	f.Add([]byte("\x03\x00\xc8\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("\x03\x00\xc8\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("\x03\x00\xe8\x07\x00"))
	f.Add([]byte("\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xc8\x01\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var answer, again functions.Answer
		stale, err := functions.DecodeAnswer(data, &answer)
		if err != nil {
			return
		}
		if stale < 0 {
			t.Errorf("it is stale for %s", stale)
		}
		if answer.Status < 0 || answer.Status > 999 {
			t.Errorf("the status is %d, want at most 999", answer.Status)
		}
		answer.Header = functions.RawHeader(&answer) // Other fields are never written.
		if got, err := functions.DecodeAnswer(functions.EncodeAnswer(&answer, stale), &again); err != nil || got != stale {
			t.Fatalf("what was read cannot be read again: %s and not %s, %v", got, stale, err)
		}
		if diff := cmp.Diff(answer, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("answer (-first +second):\n%s", diff)
		}
	})
}
