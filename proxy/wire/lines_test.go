package wire_test

import (
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

func TestLines(t *testing.T) {
	var lines wire.Lines
	if !lines.Whole() {
		t.Error("no lines are not whole")
	}
	lines.Add("x-A", "1")
	lines.AddField(&wire.Field{Name: []byte("B"), Value: []byte("")})
	if got, want := string(lines.Bytes), "x-A: 1\r\nB: \r\n"; got != want || lines.Count != 2 || !lines.Whole() {
		t.Errorf("got %q, %d, whole %v, want %q, 2, true", got, lines.Count, lines.Whole(), want)
	}
	held := lines.Bytes
	lines.Reset()
	if len(lines.Bytes) != 0 || lines.Count != 0 || !lines.Whole() {
		t.Errorf("after Reset there are %q, %d", lines.Bytes, lines.Count)
	}
	for _, c := range held {
		if c != 0 {
			t.Fatalf("Reset leaves %q", held)
		}
	}
}

// TestWhole: a line break that came in with a name or a value is noticed.
func TestWhole(t *testing.T) {
	for _, value := range []string{"\n", "\r", "\r\n", "a\r\nX: 1", "a\nX: 1", "a\rX: 1", "a\r\n\r\nGET / HTTP/1.1", "\n\r", "a\r\n"} {
		for i, add := range []func(*wire.Lines){
			func(l *wire.Lines) { l.Add("a", value) },
			func(l *wire.Lines) { l.Add(value, "a") },
			func(l *wire.Lines) { l.AddField(&wire.Field{Name: []byte("a"), Value: []byte(value)}) },
			func(l *wire.Lines) { l.Bytes = append(l.Bytes, value...) },
		} {
			var lines wire.Lines
			lines.Add("before", "1")
			add(&lines)
			if lines.Whole() {
				t.Errorf("%d: %q is whole", i, lines.Bytes)
			}
			lines.Add("behind", "2")
			if lines.Whole() {
				t.Errorf("%d: %q is whole", i, lines.Bytes)
			}
		}
	}
	cut := wire.Lines{Bytes: []byte("a: 1\r\nb"), Count: 1}
	if cut.Whole() {
		t.Errorf("%q is whole", cut.Bytes)
	}
	turned := wire.Lines{Bytes: []byte("a: 1\n\r"), Count: 1}
	if turned.Whole() {
		t.Errorf("%q is whole", turned.Bytes)
	}
}
