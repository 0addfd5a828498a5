package caches_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

const acmeID = "a1b2c3d4-e5f6-4789-8abc-def012345678"

func index(t testing.TB) *caches.Index {
	t.Helper()
	id, ok := configs.ParseID(acmeID)
	if !ok {
		t.Fatalf("%s is no ID", acmeID)
	}
	return caches.NewIndex([]configs.Cache{{Name: "acme", ID: id}, {Name: "other", ID: other}})
}

func TestIndexLookup(t *testing.T) {
	x := index(t)
	for _, text := range []string{acmeID, strings.ToUpper(acmeID), "A1b2C3d4-e5F6-4789-8aBC-def012345678"} {
		if c, ok := x.Lookup(text); !ok || c.Name != "acme" {
			t.Errorf("Lookup %q = %v, %t, want acme", text, c, ok)
		}
	}
	for _, text := range []string{
		"",
		"acme",
		"11111111-2222-3333-4444-555555555555",
		"{" + acmeID + "}",
		"urn:uuid:" + acmeID,
		strings.ReplaceAll(acmeID, "-", ""),
		strings.ReplaceAll(acmeID, "-", "_"),
		" " + acmeID,
		acmeID + "\n",
		acmeID[:35],
		acmeID[:35] + "g",
		acmeID[:35] + "８",
		strings.Repeat("-", 36),
	} {
		if c, ok := x.Lookup(text); ok {
			t.Errorf("Lookup %q = %v, want nothing", text, c)
		}
	}
}

func TestIndexByNameAndID(t *testing.T) {
	x := index(t)
	byName, ok := x.ByName("other")
	if !ok || byName.ID != other {
		t.Errorf("ByName = %v, %t, want other", byName, ok)
	}
	if byID, ok := x.ByID(other); !ok || byID != byName {
		t.Errorf("ByID = %p, %t, want %p: one cache is one pointer", byID, ok, byName)
	}
	if c, ok := x.ByName("Acme"); ok {
		t.Errorf("ByName %q = %v, want nothing", "Acme", c)
	}
	if c, ok := x.ByID(configs.DefaultID("unknown")); ok {
		t.Errorf("ByID of an unknown ID = %v, want nothing", c)
	}
}

func TestIndexLookupDoesNotAllocate(t *testing.T) {
	x := index(t)
	for name, text := range map[string]string{
		"an ID":      acmeID,
		"unknown ID": "11111111-2222-3333-4444-555555555555",
		"a text":     "Bearer abcdefghijklmnopqrstuvwxyz.12",
	} {
		if got := testing.AllocsPerRun(100, func() { x.Lookup(text) }); got != 0 {
			t.Errorf("Lookup of %s: %v allocations, want 0", name, got)
		}
	}
}

// FuzzIndexLookup: an ID is found if and only if it is one letter for letter,
// whatever the case.
func FuzzIndexLookup(f *testing.F) {
	for _, s := range []string{acmeID, strings.ToUpper(acmeID), "{" + acmeID + "}", "x"} {
		f.Add(s)
	}
	x := index(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := x.Lookup(text)
		want := text != "" && (lower(text) == acmeID || lower(text) == other.String())
		if ok != want || ok != (c != nil) {
			t.Errorf("Lookup %q = %v, %t, want found %t", text, c, ok, want)
		}
	})
}

// lower lowers ASCII letters only: strings.ToLower makes a k of the Kelvin sign.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func BenchmarkIndexLookup(b *testing.B) {
	x := index(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := x.Lookup(acmeID); !ok {
			b.Fatal("not found")
		}
	}
}

func TestIndexText(t *testing.T) {
	x := index(t)
	cache, ok := x.Lookup(strings.ToUpper(acmeID))
	if !ok || x.Text(cache.ID) != acmeID {
		t.Errorf("the text of the ID is %q, want %q", x.Text(cache.ID), acmeID)
	}
	if other := configs.DefaultID("other"); x.Text(other) != other.String() {
		t.Errorf("the text of an ID that is not in the index is %q, want %q", x.Text(other), other)
	}
}
