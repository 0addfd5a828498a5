package functions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// now is the moment of every life here: 2026-11-21T12:00:00Z.
var now = time.Unix(1795262400, 0)

func TestLifeFromTheBody(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       time.Duration // 0 when the answer is not stored
	}{
		{"seconds", `{"in":30}`, 30 * time.Second},
		{"parts of a second", `{"in":1.5}`, 1500 * time.Millisecond},
		{"an exponent", `{"in":3e1}`, 30 * time.Second},
		{"seconds as text", `{"in":"30"}`, 30 * time.Second},
		{"seconds in blanks", `{"in":" 30 "}`, 30 * time.Second},
		{"longer than the ttl", `{"in":3600}`, time.Minute},
		{"more than a float64 can be", `{"in":1e999}`, time.Minute},
		{"a NumericDate", `{"in":1795262410}`, 10 * time.Second},
		{"a NumericDate with parts", `{"in":1795262410.5}`, 10500 * time.Millisecond},
		{"a NumericDate as text", `{"in":"1795262410"}`, 10 * time.Second},
		{"a NumericDate in the past", `{"in":1795262399}`, 0},
		{"now", `{"in":1795262400}`, 0},
		{"a NumericDate far away", `{"in":1e300}`, time.Minute},
		{"the last number that is no date", `{"in":999999999}`, time.Minute},
		{"the first date", `{"in":1000000000}`, 0},
		{"a point in time", `{"in":"2026-11-21T12:00:20Z"}`, 20 * time.Second},
		{"a point in time with parts", `{"in":"2026-11-21T12:00:20.25Z"}`, 20250 * time.Millisecond},
		{"a point in another zone", `{"in":"2026-11-21T13:00:20+01:00"}`, 20 * time.Second},
		{"a point in the past", `{"in":"2026-11-21T11:59:59Z"}`, 0},
		{"zero", `{"in":0}`, 0},
		{"less than a nanosecond", `{"in":1e-30}`, 0},
		{"negative", `{"in":-1}`, 0},
		{"very negative", `{"in":-1e999}`, 0},
		{"no member", `{}`, time.Minute},
		{"null", `{"in":null}`, time.Minute},
		{"true", `{"in":true}`, time.Minute},
		{"an object", `{"in":{"s":3}}`, time.Minute},
		{"empty text", `{"in":""}`, time.Minute},
		{"words", `{"in":"soon"}`, time.Minute},
		{"a unit", `{"in":"30s"}`, time.Minute},
		{"hexadecimal", `{"in":"0x10"}`, time.Minute},
		{"no number", `{"in":"NaN"}`, time.Minute},
		{"infinity as text", `{"in":"Inf"}`, time.Minute},
		{"a day", `{"in":"2026-11-21"}`, time.Minute},
		{"no JSON", `in=30`, time.Minute},
		{"no end", `{"in":30`, time.Minute},
		{"nothing", ``, time.Minute},
		{"a byte order mark", "\ufeff" + `{"in":30}`, 30 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			caching := configs.Caching{TTLFrom: []string{"in"}, Stale: time.Hour}
			fresh, kept, store := functions.LifeOf(caching, time.Minute, &functions.Answer{Status: 200, Body: []byte(c.body)}, now)
			if fresh != c.want || store != (c.want > 0) {
				t.Errorf("stored %t for %s, want %s", store, fresh, c.want)
			}
			if store && kept != fresh+time.Hour {
				t.Errorf("kept for %s, want an hour more than %s", kept, fresh)
			}
		})
	}
}

func TestLifeFromTheHeader(t *testing.T) {
	const strictly = -1 // the time in which it may be given after its end
	for _, c := range []struct {
		header string
		want   time.Duration // 0 when the answer is not stored
		stale  int
	}{
		{"", time.Minute, 1},
		{"Expires: Sat, 21 Nov 2026 12:00:10 GMT", time.Minute, 1},
		{"Cache-Control:", time.Minute, 1},
		{"Cache-Control: public", time.Minute, 1},
		{"Cache-Control: max-age=10", 10 * time.Second, 1},
		{"cache-control: Max-Age=10", 10 * time.Second, 1},
		{`Cache-Control: max-age="10"`, 10 * time.Second, 1},
		{"Cache-Control: max-age=3600", time.Minute, 1},
		{"Cache-Control: max-age=99999999999999999999", time.Minute, 1},
		{"Cache-Control: max-age=0", 0, 0},
		{"Cache-Control: max-age=10, s-maxage=20", 20 * time.Second, strictly},
		{"Cache-Control: s-maxage=0, max-age=20", 0, 0},
		{"Cache-Control: max-age=10|Age: 4", 6 * time.Second, 1},
		{"Cache-Control: max-age=10|Age: 4, 9", 6 * time.Second, 1},
		{"Cache-Control: max-age=10|Age: 10", 0, 0},
		{"Cache-Control: max-age=10|Age: 99999999999999999999", 0, 0},
		{"Cache-Control: max-age=10|Age: old", 10 * time.Second, 1},
		{"Cache-Control: max-age=10|Age: -4", 10 * time.Second, 1},
		{"Age: 50", time.Minute, 1},
		{"Cache-Control: max-age=10, must-revalidate", 10 * time.Second, strictly},
		{"Cache-Control: max-age=10, proxy-revalidate", 10 * time.Second, strictly},
		{"Cache-Control: must-revalidate", time.Minute, strictly},
		{"Cache-Control: no-store", 0, 0},
		{"Cache-Control: max-age=10|Cache-Control: no-store", 0, 0},
		{"Cache-Control: max-age=10, NO-STORE", 0, 0},
		{"Cache-Control: max-age=10,no-cache", 0, 0},
		{`Cache-Control: no-cache="Set-Cookie", max-age=10`, 0, 0},
		{"Cache-Control: private, max-age=10", 0, 0},
		{`Cache-Control: private="X-A", max-age=10`, 0, 0},
		{"Cache-Control: max-age=5, max-age=50", 0, 0},
		{"Cache-Control: max-age=5|Cache-Control: Max-Age=50", 0, 0},
		{"Cache-Control: max-age=ten", 0, 0},
		{"Cache-Control: max-age=-1", 0, 0},
		{"Cache-Control: max-age=1.5", 0, 0},
		{"Cache-Control: max-age", 0, 0},
		{`Cache-Control: max-age="10`, 0, 0},
		{`Cache-Control: x="no-store", max-age=10`, 10 * time.Second, 1},
		{"Cache-Control: not-no-store, no-storeroom, max-age=10", 10 * time.Second, 1},
	} {
		t.Run(c.header, func(t *testing.T) {
			answer := &functions.Answer{Status: 200}
			if c.header != "" {
				answer.Header = []byte(strings.ReplaceAll(c.header, "|", "\r\n") + "\r\n")
			}
			fresh, kept, store := functions.LifeOf(configs.Caching{TTLFromHeader: true, Stale: time.Hour}, time.Minute, answer, now)
			if fresh != c.want || store != (c.want > 0) {
				t.Errorf("stored %t for %s, want %s", store, fresh, c.want)
			}
			if mayBeStale := kept > fresh; mayBeStale != (c.stale == 1) {
				t.Errorf("may be given after its end: %t, want %t", mayBeStale, c.stale == 1)
			}
		})
	}
}

func TestLifeByStatus(t *testing.T) {
	negative := map[int]time.Duration{404: 5 * time.Second, 200: time.Second}
	for _, c := range []struct {
		status int
		header string
		want   time.Duration
	}{
		{200, "", time.Minute},
		{204, "", time.Minute},
		{404, "", 5 * time.Second},
		{404, "Cache-Control: max-age=2\r\n", 2 * time.Second},
		{404, "Cache-Control: no-store\r\n", 0},
		{500, "", 0},
		{500, "Cache-Control: max-age=2\r\n", 0},
	} {
		answer := &functions.Answer{Status: c.status, Header: []byte(c.header)}
		fresh, kept, store := functions.LifeOf(configs.Caching{TTLFromHeader: true, Negative: negative, Stale: time.Hour}, time.Minute, answer, now)
		if fresh != c.want || store != (c.want > 0) {
			t.Errorf("status %d with %q: stored %t for %s, want %s", c.status, c.header, store, fresh, c.want)
		}
		if mayBeStale := kept > fresh; mayBeStale != (c.status/100 == 2) {
			t.Errorf("status %d may be given after its end: %t", c.status, mayBeStale)
		}
	}
}

// FuzzLife shows that no answer can say that it lives longer than its cache
// permits, or keep one that says no-store in plain words.
func FuzzLife(f *testing.F) {
	for _, text := range []string{`{"in":30}`, `{"in":"2026-11-21T12:00:20Z"}`, `{"in":-1e999}`, "max-age=10, no-store", `private="a", s-maxage=3`, `x="\`, "max-age=", "=,="} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, caching := range []configs.Caching{{TTLFrom: []string{"in"}}, {TTLFromHeader: true}} {
			answer := &functions.Answer{Status: 200, Body: []byte(text)}
			if caching.TTLFromHeader && strings.ContainsAny(text, "\r\n") {
				continue
			}
			answer.Header = []byte("Cache-Control: " + text + "\r\n")
			fresh, kept, store := functions.LifeOf(caching, time.Minute, answer, now)
			if fresh > time.Minute || fresh < 0 || kept != fresh || store != (fresh > 0) {
				t.Errorf("stored %t, fresh for %s, kept for %s", store, fresh, kept)
			}
			answer.Header = append(answer.Header, "Cache-Control: no-store\r\n"...)
			if _, _, store := functions.LifeOf(caching, time.Minute, answer, now); caching.TTLFromHeader && store && !strings.Contains(text, `"`) {
				t.Errorf("stored in spite of no-store")
			}
		}
	})
}
