package caches_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/goccy/go-yaml"

	"github.com/egret-proxy/egret/caches"
)

// stepped is t as it were if the wall clock had been set forward by d: its wall
// reading is later, its monotonic reading the same. Package time has no door
// for that. The wall reading of a time with both is seconds above 30 bits of
// nanoseconds. The times of a synctest bubble have no monotonic reading, so
// stepped is not for them.
func stepped(t time.Time, d time.Duration) time.Time {
	if t == t.Round(0) {
		panic("a time without monotonic reading cannot be stepped")
	}
	*(*uint64)(unsafe.Pointer(&t)) += uint64(d/time.Second) << 30
	return t
}

func TestSteppedIsAStep(t *testing.T) {
	now := time.Now()
	for _, d := range []time.Duration{time.Hour, -time.Hour} {
		s := stepped(now, d)
		if mono, wall := s.Sub(now), s.Round(0).Sub(now.Round(0)); mono != 0 || wall != d {
			t.Errorf("stepped by %s: monotonic %s, wall %s, want 0 and %s", d, mono, wall, d)
		}
	}
}

func TestExpired(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		expires time.Time
		now     time.Time
		want    bool
	}{
		"before its end":                        {now.Add(time.Minute), now, false},
		"one nanosecond before its end":         {now.Add(1), now, false},
		"at its end":                            {now, now, true},
		"after its end":                         {now.Add(-time.Minute), now, true},
		"never given an end":                    {time.Time{}, now, true},
		"wall clock set forward past its end":   {now.Add(time.Minute), stepped(now, time.Hour), true},
		"wall clock set forward, not that far":  {now.Add(time.Hour), stepped(now, time.Minute), false},
		"wall clock set back, life still lasts": {now.Add(time.Minute), stepped(now, -time.Hour), false},
		"wall clock set back, life is over":     {now.Add(time.Minute), stepped(now.Add(time.Minute), -time.Hour), true},
		"end without monotonic reading, before": {now.Round(0).Add(time.Minute), now, false},
		"end without monotonic reading, after":  {now.Round(0), now, true},
		"end in another zone":                   {now.Add(time.Minute).In(time.FixedZone("", 3600)), now, false},
		"a far end":                             {now.AddDate(500, 0, 0), now, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := caches.Entry{Created: now, Expires: c.expires}
			if got := e.Expired(c.now); got != c.want {
				t.Errorf("Expired = %t with %s left, want %t", got, e.Left(c.now), c.want)
			}
		})
	}
}

func TestUsable(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		life, kept time.Duration
	}{
		{time.Hour, 5 * time.Second},
		{50 * time.Second, 5 * time.Second},
		{20 * time.Second, 2 * time.Second},
		{2 * time.Second, 200 * time.Millisecond},
		{10, 1},
	} {
		e := caches.Entry{Created: now, Expires: now.Add(c.life)}
		last := e.Expires.Add(-c.kept)
		for _, at := range []struct {
			now  time.Time
			want bool
		}{{now, true}, {last, true}, {last.Add(1), false}, {e.Expires, false}} {
			if got := e.Usable(at.now); got != at.want {
				t.Errorf("life %s: Usable %s before the end = %t, want %t", c.life, e.Left(at.now), got, at.want)
			}
		}
		if got := e.Spare(now); got != c.life-c.kept {
			t.Errorf("life %s: Spare = %s, want %s", c.life, got, c.life-c.kept)
		}
	}
	if (caches.Entry{}).Usable(now) {
		t.Error("the zero Entry is usable, want not")
	}
	if e := (caches.Entry{Created: now, Expires: now.Add(-time.Hour)}); e.Usable(now) || e.Life() != 0 {
		t.Errorf("an entry that ends before it begins: Usable = %t, Life = %s, want false and 0s", e.Usable(now), e.Life())
	}
}

func TestEarly(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		notBefore time.Time
		now       time.Time
		want      time.Duration // to wait
	}{
		"good at once":                         {time.Time{}, now, 0},
		"before it is good":                    {now.Add(time.Minute), now, time.Minute},
		"when it becomes good":                 {now, now, 0},
		"good for long":                        {now.Add(-time.Minute), now, -time.Minute},
		"wall clock set forward":               {now.Add(time.Minute), stepped(now, time.Hour), time.Minute},
		"wall clock set back":                  {now.Add(time.Minute), stepped(now, -time.Hour), time.Hour + time.Minute},
		"wall clock set back when it was good": {now, stepped(now, -time.Hour), time.Hour},
		"begin without monotonic reading":      {now.Round(0).Add(time.Minute), now, time.Minute},
		"the same, and wall clock set forward": {now.Round(0).Add(time.Minute), stepped(now, time.Hour), time.Minute - time.Hour},
		"begin in another zone":                {now.Add(time.Minute).In(time.FixedZone("", 3600)), now, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			e := caches.Entry{Created: now, Expires: now.Add(24 * time.Hour), NotBefore: c.notBefore}
			early := c.want > 0
			if got := e.Wait(c.now); got != c.want || e.Early(c.now) != early || e.Usable(c.now) == early || e.Spent(c.now) {
				t.Errorf("Wait, Early, Usable, Spent = %s, %t, %t, %t, want %s, %t, %t and false",
					got, e.Early(c.now), e.Usable(c.now), e.Spent(c.now), c.want, early, !early)
			}
		})
	}
}

func TestEntryDoesNotPrintItsData(t *testing.T) {
	const canary = "eyJcanary"
	e := caches.Entry{Data: []byte(canary), Created: time.Now(), Expires: time.Now().Add(time.Minute)}
	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		shown[verb] = fmt.Sprintf(verb, e)
		shown[verb+" of a pointer"] = fmt.Sprintf(verb, &e)
		shown[verb+" in a struct"] = fmt.Sprintf(verb, struct{ E caches.Entry }{e})
	}
	shown["println"] = fmt.Sprintln(e, []caches.Entry{e})
	for _, newHandler := range []func(w *strings.Builder) slog.Handler{
		func(w *strings.Builder) slog.Handler { return slog.NewTextHandler(w, nil) },
		func(w *strings.Builder) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var w strings.Builder
		h := newHandler(&w)
		slog.New(h).Info("x", "entry", e, "list", []caches.Entry{e}, "pointer", &e)
		shown[fmt.Sprintf("%T", h)] = w.String()
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"json": json.Marshal, "yaml": yaml.Marshal} {
		b, err := marshal(map[string]any{"e": e, "p": &e})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		shown[name] = string(b)
	}
	for how, text := range shown {
		for _, form := range []string{canary, "ZXlKY2FuYXJ5", fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), "101 121 74", "0x65, 0x79"} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows the data: %s", how, text)
			}
		}
		if !strings.Contains(text, "9") {
			t.Errorf("%s does not show the size: %s", how, text)
		}
	}
}
