package functions_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

func TestStoredAnswers(t *testing.T) {
	for _, answer := range []functions.Answer{
		{Status: 200},
		{Status: 204, Header: []templates.Field{{Name: "X-Empty"}}},
		{Status: 599, Header: []templates.Field{{Name: "A", Value: "1"}, {Name: "a", Value: "2\n"}, {Name: "B", Value: "\xff\"<>"}}, Body: []byte("\x00\n{}\xff")},
		{Status: 200, Header: []templates.Field{{Name: "Long", Value: string(bytes.Repeat([]byte("x"), 300))}}, Body: bytes.Repeat([]byte("y"), 1_000)},
	} {
		got, err := functions.DecodeAnswer(functions.EncodeAnswer(&answer))
		if err != nil {
			t.Fatalf("DecodeAnswer: %v", err)
		}
		if diff := cmp.Diff(&answer, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	}
}

// Whatever a store gives back is read without a panic, and what can be read is
// written as it was.
func FuzzStored(f *testing.F) {
	for _, answer := range []functions.Answer{
		{Status: 200, Body: []byte("{}")},
		{Status: 404, Header: []templates.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "X", Value: "\xff"}}, Body: []byte("\n")},
	} {
		data := functions.EncodeAnswer(&answer)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte{})
	f.Add([]byte(`{"status":200}` + "\n"))
	f.Add([]byte("\x01\xc8\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("\x01\xc8\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("\x01\xe8\x07\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		answer, err := functions.DecodeAnswer(data)
		if err != nil {
			return
		}
		if answer.Status < 0 || answer.Status > 999 {
			t.Errorf("the status is %d, want at most 999", answer.Status)
		}
		if raw := answer.RawHeader(); len(raw) != len(answer.Header) {
			answer.Header = raw // Fields that are never written.
		}
		again, err := functions.DecodeAnswer(functions.EncodeAnswer(answer))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if diff := cmp.Diff(answer, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("answer (-first +second):\n%s", diff)
		}
	})
}
