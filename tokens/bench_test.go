package tokens_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// benchClaims are those of every Token under benchmark.
const benchClaims = `{"iss":"egret","sub":"support-agent","aud":"acme","scope":"orders.read"}`

// A signing is an algorithm, and how its keys are made.
type signing struct {
	algorithm, keyType string
	newKey             func() string
}

func signings() []signing {
	return []signing{
		{"HS256", "Secret", rand.Text},
		{"ES256", "EcDer", func() string { return b64(pkcs8(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)))) }},
		{"EdDSA", "EdDer", func() string {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return b64(pkcs8(must(key, err)))
		}},
	}
}

func (s *signing) source(b testing.TB, name string) tokens.Source {
	token := newToken(b, configs.Token{
		Name: name, Algorithm: s.algorithm, KeyType: s.keyType, Key: configs.NewSecret(s.newKey()), Claims: []byte(benchClaims),
	}, time.Minute)
	return tokens.Source{ID: configs.DefaultID(name), Name: name, TTL: time.Minute, Make: func(ctx context.Context) (caches.Entry, error) {
		m, err := token.Make(ctx, time.Now())
		return m.Entry(), err
	}}
}

// BenchmarkSign has the signatures per second of each algorithm, beside what the
// crypto packages alone do of the same text with the same key, and beside a whole
// refresh.
func BenchmarkSign(b *testing.B) {
	for _, p := range pairings() {
		for keyType, key := range p.keys {
			if !slices.Contains([]string{"Secret", "RsaPem", "EcPem", "EdPem"}, keyType) {
				continue
			}
			token := newToken(b, configs.Token{
				Algorithm: p.algorithm, KeyType: keyType, Key: configs.NewSecret(key), KeyID: "2026-11", Claims: []byte(benchClaims), TokenID: "{uuid}",
			}, lastingTTL)
			text, _ := split(b, makeValue(b, token, noon))
			perSecond(b, "egret/"+p.algorithm, "signatures/s", 1, func() { must(token.Make(b.Context(), noon)) })
			perSecond(b, "crypto/"+p.algorithm, "signatures/s", 1, func() { signAlone(&p, []byte(text)) })
			source := tokens.Source{ID: configs.DefaultID("acme"), Name: "acme", TTL: lastingTTL, Make: func(ctx context.Context) (caches.Entry, error) {
				m, err := token.Make(ctx, time.Now())
				return m.Entry(), err
			}}
			r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
			r.Set([]tokens.Source{source})
			perSecond(b, "refresh/"+p.algorithm, "warm/core", lastingRefresh.Seconds(), func() { r.Refresh(b.Context(), source.ID, "") })
		}
	}
}

// A token of a quarter of an hour is made anew after two thirds of that, and up to
// a tenth earlier.
const (
	lastingTTL     = 15 * time.Minute
	lastingRefresh = lastingTTL * 2 / 3 * 95 / 100
)

// perSecond runs a benchmark, and reports how often it could do what it does in
// so many seconds.
func perSecond(b *testing.B, name, unit string, seconds float64, do func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			do()
		}
		b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), unit)
	})
}

// signAlone signs with nothing of egret and nothing of golang-jwt.
func signAlone(p *pairing, text []byte) {
	if key, ok := p.private.([]byte); ok {
		mac := hmac.New(p.hash.New, key)
		mac.Write(text)
		mac.Sum(nil)
		return
	}
	if p.hash != 0 {
		h := p.hash.New()
		h.Write(text)
		text = h.Sum(nil)
	}
	var options crypto.SignerOpts = p.hash
	if strings.HasPrefix(p.algorithm, "PS") {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: p.hash}
	}
	must(p.private.(crypto.Signer).Sign(rand.Reader, text, options))
}

// BenchmarkEncrypt is what encryption adds to a token.
func BenchmarkEncrypt(b *testing.B) {
	for algorithm, key := range map[string]any{"RSA-OAEP": rsa2048().Public(), "RSA-OAEP-256": rsa2048().Public(), "ECDH-ES": p256().Public()} {
		b.Run(algorithm, func(b *testing.B) {
			token := newToken(b, encrypting(algorithm, recipientKey(jwk(key))), ttl)
			b.ReportAllocs()
			for b.Loop() {
				must(token.Make(b.Context(), noon))
			}
		})
	}
}

// BenchmarkMemory is the memory of a Token with its value: one key each, and
// all that the Refresher and the caches hold of it.
func BenchmarkMemory(b *testing.B) {
	const n = 5_000
	for _, s := range signings() {
		b.Run(s.algorithm, func(b *testing.B) {
			for b.Loop() {
				before := heapBytes()
				sources := make([]tokens.Source, n)
				for i := range sources {
					sources[i] = s.source(b, fmt.Sprint(i))
				}
				built := heapBytes()
				values := caches.NewValues()
				r := tokens.NewRefresher(values, tokens.RefresherOptions{})
				r.Set(sources)
				planned := heapBytes()
				for i := range sources {
					r.Refresh(b.Context(), sources[i].ID, "")
				}
				made := heapBytes()
				runtime.KeepAlive(values)
				runtime.KeepAlive(r)
				b.ReportMetric(float64(built-before)/n, "token-B")
				b.ReportMetric(float64(planned-built)/n, "plan-B")
				b.ReportMetric(float64(made-planned)/n, "value-B")
			}
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSet is what a reload costs when nothing has changed.
func BenchmarkSet(b *testing.B) {
	sources := crowd(100_000, time.Hour, 0)
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set(sources)
	b.ReportAllocs()
	for b.Loop() {
		r.Set(sources)
	}
}

// BenchmarkStatuses is what a look at all costs, and BenchmarkWarm what a health
// check costs.
func BenchmarkStatuses(b *testing.B) {
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set(crowd(100_000, time.Hour, 0))
	b.ReportAllocs()
	for b.Loop() {
		for range r.Statuses() {
		}
	}
}

func BenchmarkWarm(b *testing.B) {
	sources := crowd(100_000, time.Hour, 0)
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set(sources)
	for i := range sources {
		r.Refresh(b.Context(), sources[i].ID, "")
	}
	b.ReportAllocs()
	for b.Loop() {
		if !r.Warm() {
			b.Fatal("not warm")
		}
	}
}
