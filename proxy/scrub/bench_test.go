package scrub_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/scrub"
)

// jwts makes as many JWTs with the same header as there are tenants of one API.
func jwts(n int) []string {
	random, list := rand.New(rand.NewPCG(13, 14)), make([]string, n)
	for i := range list {
		claims := "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoi" + word(random, 12) + "IiwiZXhwIjoxNzY" + word(random, 40)
		list[i] = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9." + claims + "." + word(random, 86)
	}
	return list
}

func indexOf(values []string) *scrub.Index {
	x := &scrub.Index{}
	for i, value := range values {
		x.Add(owner(i), value)
	}
	return x
}

// answers are texts without a value. Text of the letters of a token is the worst
// that an honest upstream sends.
var answers = map[string]func(n int) []byte{
	"json": func(n int) []byte {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `{"order":{"id":"A-%d","state":"sent","total":%d.50,"placed":"2026-01-%02dT10:00:00Z"}},`, i*7919, i*31%997, i%28+1)
		}
		return []byte(b.String()[:n])
	},
	"base64": func(n int) []byte { return []byte(word(rand.New(rand.NewPCG(15, 16)), n)) },
}

// BenchmarkFound searches answers for the values of so many caches, and prints
// beside it what the linear scrubber takes.
func BenchmarkFound(b *testing.B) {
	for _, caches := range []int{1, 100, 10_000, 100_000} {
		values := jwts(caches)
		x, line := indexOf(values), newLinear(listed(values))
		for _, kind := range []string{"json", "base64"} {
			for _, size := range []int{63, 64 << 10, 1 << 20} {
				text := answers[kind](size)
				b.Run(fmt.Sprintf("caches=%d/%s/bytes=%d/index", caches, kind, size), func(b *testing.B) {
					s := x.Scrubber(everyone{}, nil)
					measure(b, text, s.Found)
				})
				if caches <= 100 {
					b.Run(fmt.Sprintf("caches=%d/%s/bytes=%d/linear", caches, kind, size), func(b *testing.B) { measure(b, text, line.Found) })
				}
			}
		}
	}
}

func measure(b *testing.B, text []byte, found func([]byte) bool) {
	b.ReportAllocs()
	for b.Loop() {
		if found(text) {
			b.Fatal("a value is found where there is none")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/byte")
}

func listed(values []string) (list []scrub.Replacement) {
	for _, value := range values {
		list = append(list, scrub.Replacement{Value: value, With: id})
	}
	return list
}

// BenchmarkEcho replaces a value of one cache in a short answer.
func BenchmarkEcho(b *testing.B) {
	for _, caches := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", caches), func(b *testing.B) {
			values := jwts(caches)
			s := indexOf(values).Scrubber(everyone{}, nil)
			text, out := []byte(`{"you sent": "Bearer `+values[caches/2]+`"}`), []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				if out = s.Bytes(out[:0], text); len(out) >= len(text) {
					b.Fatal("nothing is replaced")
				}
			}
		})
	}
}

// BenchmarkAdd puts a new value in the place of an old one.
func BenchmarkAdd(b *testing.B) {
	for _, caches := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", caches), func(b *testing.B) {
			values := jwts(caches + 100_000)
			x := indexOf(values[:caches])
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Add(owner(i), values[(i+caches)%len(values)])
				x.Remove(owner(i), values[i%len(values)])
			}
		})
	}
}

// BenchmarkMemory tells what a value costs beside its own bytes.
func BenchmarkMemory(b *testing.B) {
	for _, caches := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", caches), func(b *testing.B) {
			values := jwts(caches)
			var before, after runtime.MemStats
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				x := indexOf(values)
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(x)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(caches), "B/cache")
		})
	}
}

// BenchmarkStream reads a stream of events.
func BenchmarkStream(b *testing.B) {
	for _, caches := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", caches), func(b *testing.B) {
			s := indexOf(jwts(caches)).Scrubber(everyone{}, nil)
			text := strings.Repeat(`data: {"order":{"id":"A-1001","state":"sent"}}`+"\n\n", 1400)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, s.Reader(strings.NewReader(text))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
