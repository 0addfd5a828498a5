package tokens_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// generated is a Token whose keys egret makes.
func generated(algorithm string, jwk configs.JWK) configs.Token {
	return configs.Token{
		Name: "partner_jwt", ID: "partner", Algorithm: algorithm, JWK: &jwk, Publish: true, KeyID: configs.KeyIDThumbprint,
		Claims: json.RawMessage(`{"sub":"agent"}`),
	}
}

// newRing gives the ring of a Token, and the Token with it.
func newRing(t testing.TB, token *tokens.Token, o tokens.KeyringOptions) (*tokens.Keyring, *tokens.Token) {
	t.Helper()
	name, ok := token.Ring()
	if !ok {
		t.Fatal("the Token has no ring")
	}
	ring := must(tokens.NewKeyring(name, o))
	return ring, token.With(ring)
}

// kids lists the "kid" of what a Token publishes.
func kids(token *tokens.Token) []string {
	list := []string{}
	for _, k := range token.PublicKeys() {
		list = append(list, k.KeyID)
	}
	return list
}

// twoHours rotates often enough for tests of hours.
var twoHours = configs.JWK{Rotation: 2 * time.Hour, Announce: 10 * time.Minute, Keep: 2}

// keepRing does what is due in a ring until span is over.
func keepRing(t testing.TB, ring *tokens.Keyring, span time.Duration) {
	t.Helper()
	for end := time.Now().Add(span); ; {
		if err := ring.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := time.Until(end)
		if left <= 0 {
			return
		}
		pass(min(max(ring.Due(time.Now()), time.Millisecond), left))
	}
}

// TestRingKinds makes the keys of each algorithm, and has what they sign
// verified.
func TestRingKinds(t *testing.T) {
	for _, algorithm := range tokens.Algorithms() {
		token, err := tokens.New(generated(algorithm, configs.JWK{Size: 2048}), time.Minute)
		if strings.HasPrefix(algorithm, "HS") {
			if err == nil {
				t.Errorf("%s: keys are made that cannot be published", algorithm)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		_, token = newRing(t, token, tokens.KeyringOptions{Dir: dir})
		made := must(token.Make(t.Context(), time.Now()))
		verifies(t, made.Value.Reveal(), tokens.JWKSet(token.PublicKeys()))
		if diff := cmp.Diff([]string{made.KeyID}, kids(token)); diff != "" {
			t.Errorf("%s: published keys (-that signed +got): %s", algorithm, diff)
		}
		// Another process has the same key.
		ring, again := newRing(t, token, tokens.KeyringOptions{Dir: dir})
		if err := ring.Load(t.Context()); err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		verifies(t, must(again.Make(t.Context(), time.Now())).Value.Reveal(), tokens.JWKSet(token.PublicKeys()))
	}
}

// TestRingSize: the size is that of the key, and part of the name.
func TestRingSize(t *testing.T) {
	for _, c := range []struct{ configured, want int }{{0, 2048}, {2048, 2048}, {3072, 3072}} {
		_, token := newRing(t, must(tokens.New(generated("RS256", configs.JWK{Size: c.configured}), time.Minute)), tokens.KeyringOptions{})
		must(token.Make(t.Context(), time.Now()))
		if name, _ := token.Ring(); name.Size != c.want {
			t.Errorf("size %d: the ring is one of %d bits, want %d", c.configured, name.Size, c.want)
		}
		n := publicMembers(t, token)[0]["n"]
		if got := len(n) * 6 / 8 * 8; got != c.want {
			t.Errorf("size %d: got a key of %d bits, want %d", c.configured, got, c.want)
		}
	}
}

// publicMembers gives the members of the JWKs that a Token publishes.
func publicMembers(t testing.TB, token *tokens.Token) []map[string]string {
	t.Helper()
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(tokens.JWKSet(token.PublicKeys()), &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys
}

// TestPublishBeforeUse watches one ring for a day: each key is published for the
// time of the announcement before it signs, signs for the time of the rotation,
// and stays until what it has signed is dead.
func TestPublishBeforeUse(t *testing.T) {
	for _, c := range []struct {
		name string
		jwk  configs.JWK
		ttl  time.Duration
		most int // keys that are published at once
	}{
		{"short tokens", twoHours, 15 * time.Minute, 3},
		{"long tokens", twoHours, 5 * time.Hour, 5},
		{"keep one", configs.JWK{Rotation: time.Hour, Announce: time.Minute, Keep: 1}, 15 * time.Minute, 2},
		{"keep many", configs.JWK{Rotation: time.Hour, Announce: time.Minute, Keep: 5}, 15 * time.Minute, 6},
		{"announced most of the time", configs.JWK{Rotation: time.Hour, Announce: 59 * time.Minute, Keep: 2}, 15 * time.Minute, 3},
		{"never", configs.JWK{Keep: 2}, 15 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ring, token := newRing(t, must(tokens.New(generated("EdDSA", c.jwk), c.ttl)), tokens.KeyringOptions{Dir: t.TempDir()})
				published, first, last, gone := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
				for start := time.Now(); time.Since(start) < 24*time.Hour-time.Minute; {
					keepRing(t, ring, 30*time.Second)
					now := time.Now()
					there := map[string]bool{}
					for _, kid := range kids(token) {
						there[kid] = true
						if published[kid].IsZero() {
							published[kid] = now
						}
					}
					for kid := range published {
						if !there[kid] && gone[kid].IsZero() {
							gone[kid] = now
						}
					}
					kid := must(token.Make(t.Context(), now)).KeyID
					if !there[kid] {
						t.Fatalf("key %s signs and is not published", kid)
					}
					if first[kid].IsZero() {
						first[kid] = now
					}
					last[kid] = now
					if len(there) > c.most || len(there) < min(c.jwk.Keep, len(first)) {
						t.Fatalf("%d keys are published, want %d at most, and %d at least when so many have signed", len(there), c.most, c.jwk.Keep)
					}
				}
				want := 1
				if c.jwk.Rotation > 0 {
					want = int(24 * time.Hour / c.jwk.Rotation)
				}
				if len(first) != want {
					t.Errorf("%d keys have signed in a day, want %d", len(first), want)
				}
				began := 0
				for kid, from := range first {
					if from.Equal(published[kid]) {
						began++
						continue
					}
					if announced := from.Sub(published[kid]); announced < c.jwk.Announce-30*time.Second || announced > c.jwk.Announce+30*time.Second {
						t.Errorf("a key was announced for %s, want %s", announced, c.jwk.Announce)
					}
					if used := last[kid].Sub(from); gone[kid].After(last[kid]) && used > c.jwk.Rotation {
						t.Errorf("a key has signed for %s, want %s", used, c.jwk.Rotation)
					}
				}
				if began != 1 {
					t.Errorf("%d keys signed as soon as they were published, want only the first", began)
				}
				for kid, end := range gone {
					if !end.IsZero() && end.Sub(last[kid]) < c.ttl {
						t.Errorf("a key was gone %s after it signed, where tokens live %s", end.Sub(last[kid]), c.ttl)
					}
				}
			})
		})
	}
}

// TestRingSurvives: a restart, a change of the claims and another schedule leave
// the key as it is.
func TestRingSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		start := func(jwk configs.JWK, claims string) (*tokens.Keyring, *tokens.Token) {
			cfg := generated("ES256", jwk)
			cfg.Claims = json.RawMessage(claims)
			return newRing(t, must(tokens.New(cfg, 15*time.Minute)), tokens.KeyringOptions{Dir: dir})
		}
		ring, token := start(twoHours, `{"sub":"agent"}`)
		keepRing(t, ring, time.Hour)
		before := kids(token)
		for range 3 {
			ring, token = start(configs.JWK{Rotation: 3 * time.Hour, Announce: time.Minute, Keep: 2}, `{"sub":"other"}`)
			keepRing(t, ring, time.Minute)
			if diff := cmp.Diff(before, kids(token)); diff != "" {
				t.Errorf("after a restart (-before +now): %s", diff)
			}
		}
		// A process that was away for long makes the next key at once, and
		// announces it before it signs.
		pass(48 * time.Hour)
		ring, token = start(twoHours, `{}`)
		keepRing(t, ring, time.Minute)
		if list := kids(token); len(list) != 2 || list[0] != before[0] {
			t.Fatalf("got the keys %q two days later, want that of before, and another", list)
		}
		if got := must(token.Make(t.Context(), time.Now())).KeyID; got != before[0] {
			t.Error("a key signs that nobody can know yet")
		}
		keepRing(t, ring, twoHours.Announce)
		if got := must(token.Make(t.Context(), time.Now())).KeyID; got != kids(token)[1] {
			t.Error("the key that was due two days ago still signs")
		}
	})
}

// TestRingFiles: one file, only for the owner.
func TestRingFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state", "keys")
		ring, token := newRing(t, must(tokens.New(generated("ES384", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
		if err := ring.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got error %v of a directory that nobody needs yet", err)
		}
		keepRing(t, ring, 24*time.Hour)
		got := map[string]string{}
		_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				t.Fatal(err)
			}
			info := must(entry.Info())
			got[strings.TrimPrefix(path, dir)] = info.Mode().String()
			return nil
		})
		file := ""
		for name := range got {
			if strings.HasSuffix(name, ".json") {
				file = name
			}
		}
		want := map[string]string{"": "drwx------", "/partner.ES384": "drwx------", file: "-rw-------"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		for _, kid := range kids(token) {
			if !strings.Contains(readFile(t, dir+file), kid) {
				t.Errorf("key %s is not in the file", kid)
			}
		}
	})
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	return string(must(os.ReadFile(name)))
}

// TestRingOpenFile: that others can read a file is worth a warning.
func TestRingOpenFile(t *testing.T) {
	dir := t.TempDir()
	_, token := newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
	must(token.Make(t.Context(), time.Now()))
	file := filepath.Join(dir, "partner.EdDSA", "1.json")
	for _, c := range []struct {
		mode fs.FileMode
		want string
	}{{0o600, ""}, {0o400, ""}, {0o640, file}, {0o604, file}} {
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		ring, _ := newRing(t, token, tokens.KeyringOptions{Dir: dir, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		if err := ring.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := log.String(); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("mode %o: got the log %q, want %q in it", c.mode, got, c.want)
		}
	}
}

// TestRingBrokenFile: what cannot be read is named, nothing is signed, and the
// file stays as it is. Once it is put right, all goes on.
func TestRingBrokenFile(t *testing.T) {
	dir := t.TempDir()
	_, token := newRing(t, must(tokens.New(generated("ES256", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
	must(token.Make(t.Context(), time.Now()))
	file := filepath.Join(dir, "partner.ES256", "1.json")
	good := readFile(t, file)
	var other struct{ Keys []map[string]any }
	otherDir := t.TempDir()
	_, second := newRing(t, must(tokens.New(generated("ES256", twoHours), time.Minute)), tokens.KeyringOptions{Dir: otherDir})
	must(second.Make(t.Context(), time.Now()))
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(otherDir, "partner.ES256", "1.json"))), &other); err != nil {
		t.Fatal(err)
	}
	stolen := other.Keys[0]["jwk"].(map[string]any)["d"].(string)
	_, own, _ := strings.Cut(good, `"d": "`)
	own, _, _ = strings.Cut(own, `"`)
	replaced := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "it is no JSON of such keys"},
		{"cut", good[:len(good)/2], "it is no JSON of such keys"},
		{"unknown member", replaced(`"format"`, `"other": 1, "format"`), "it is no JSON of such keys"},
		{"two documents", good + good, "there is something behind the JSON"},
		{"another format", replaced(`"format": 1`, `"format": 2`), "its format is 2, this egret knows 1"},
		{"another token", replaced(`"partner"`, `"other"`), "its keys are those of another token, algorithm or size"},
		{"another algorithm", replaced(`"algorithm": "ES256"`, `"algorithm": "ES384"`), "its keys are those of another token, algorithm or size"},
		{"no key", replaced(good[strings.Index(good, `"keys"`):], `"keys": []}`), "there is no key in it"},
		{"no times", replaced(`"life": "1m0s"`, `"life": ""`), "key 1 has a life that is no duration"},
		{"negative", replaced(`"life": "1m0s"`, `"life": "-1m0s"`), "key 1 has a life that is no duration"},
		{"bad hold", replaced(`"hold": "5m0s"`, `"hold": "x"`), "hold is no duration"},
		{"public", replaced(`"d": "`+own+`"`, `"ext": true`), "key 1 is no private key"},
		{"halves of two keys", replaced(own, stolen), "key 1 has halves that do not belong together"},
		{"signs too early", replaced(`"signs_from": "2`, `"signs_from": "1`), "key 1 signs before it was made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			ring, token := newRing(t, token, tokens.KeyringOptions{Dir: dir})
			want := fmt.Sprintf("cannot use signing keys %q: %s", file, c.want)
			for range 2 {
				_, err := token.Make(t.Context(), time.Now())
				if err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("got error %v, want %s", err, want)
				}
				if err := ring.Maintain(t.Context()); err == nil || err.Error() != want {
					t.Errorf("got error %v, want %s", err, want)
				}
			}
			if len(token.PublicKeys()) != 0 || token.Hold() != 0 {
				t.Errorf("got %d keys to be kept for %s, want none", len(token.PublicKeys()), token.Hold())
			}
			if got := readFile(t, file); got != c.text {
				t.Error("the file has been changed")
			}
			if entries := must(os.ReadDir(filepath.Dir(file))); len(entries) != 1 {
				t.Errorf("there are %d files, want 1", len(entries))
			}
			if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
				t.Fatal(err)
			}
			must(token.Make(t.Context(), time.Now()))
		})
	}
}

// TestRingNotWritten: a key that cannot be kept is neither used nor published,
// and the next attempt may be better. One that is in use goes on.
func TestRingNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ring, token := newRing(t, must(tokens.New(generated("ES256", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
		for range 2 {
			if _, err := token.Make(t.Context(), time.Now()); err == nil || !strings.Contains(err.Error(), "signing keys") {
				t.Errorf("got error %v, want that the keys cannot be kept", err)
			}
		}
		if got := kids(token); len(got) != 0 {
			t.Errorf("%q are published", got)
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		first := must(token.Make(t.Context(), time.Now())).KeyID
		if err := errors.Join(os.Rename(dir, dir+".away"), os.WriteFile(dir, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		pass(24 * time.Hour)
		if err := ring.Maintain(t.Context()); err == nil {
			t.Error("got no error where nothing can be written")
		}
		if diff := cmp.Diff([]string{first}, kids(token)); diff != "" {
			t.Errorf("published keys (-want +got): %s", diff)
		}
		if got := must(token.Make(t.Context(), time.Now())).KeyID; got != first {
			t.Errorf("key %s signs, want %s", got, first)
		}
		if err := errors.Join(os.Remove(dir), os.Rename(dir+".away", dir)); err != nil {
			t.Fatal(err)
		}
		keepRing(t, ring, time.Minute)
		if got := kids(token); len(got) != 2 {
			t.Errorf("got %d keys, want two", len(got))
		}
	})
}

// TestRingTwoProcesses lets several processes keep the keys in one directory. All
// of them have the same keys, whoever made them.
func TestRingTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		const many = 4
		rings, list := make([]*tokens.Keyring, many), make([]*tokens.Token, many)
		for i := range many {
			rings[i], list[i] = newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
		}
		seen := map[string]bool{}
		for round := range 50 {
			var all sync.WaitGroup
			for _, ring := range rings {
				all.Go(func() {
					if err := ring.Maintain(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			want := kids(list[0])
			for i := range list {
				if diff := cmp.Diff(want, kids(list[i])); diff != "" {
					t.Fatalf("round %d: keys of process %d (-first +other): %s", round, i+1, diff)
				}
			}
			seen[must(list[0].Make(t.Context(), time.Now())).KeyID] = true
			pass(30 * time.Minute)
		}
		if want := 50 / 4; len(seen) < want {
			t.Errorf("%d keys have signed, want %d", len(seen), want)
		}
	})
}

// TestRingLateProcess: a process that finds late what another one has made
// announces it too, before it signs with it.
func TestRingLateProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		start := func() (*tokens.Keyring, *tokens.Token) {
			return newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
		}
		ring, token := start()
		keepRing(t, ring, time.Minute)
		late, lateToken := start()
		keepRing(t, late, 0)
		keepRing(t, ring, twoHours.Rotation+time.Minute)
		if got := must(token.Make(t.Context(), time.Now())).KeyID; got != kids(token)[1] {
			t.Fatal("the first process goes on with its first key")
		}
		for _, want := range []int{0, 1} {
			keepRing(t, late, twoHours.Announce-time.Minute)
			if got := must(lateToken.Make(t.Context(), time.Now())).KeyID; got != kids(token)[want] {
				t.Errorf("got key %s, want number %d of %q", got, want+1, kids(token))
			}
		}
		if diff := cmp.Diff(kids(token), kids(lateToken)); diff != "" {
			t.Errorf("keys (-first +late):\n%s", diff)
		}
	})
}

// TestRingBehind: a process that has missed more than one change takes over the
// last one. It makes none that the others would never see.
func TestRingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		start := func(ttl time.Duration) (*tokens.Keyring, *tokens.Token) {
			return newRing(t, must(tokens.New(generated("EdDSA", twoHours), ttl)), tokens.KeyringOptions{Dir: dir})
		}
		ring, token := start(time.Minute)
		keepRing(t, ring, time.Minute)
		// Another process has longer tokens. That is one change, its next key is another.
		longer, longerToken := start(time.Hour)
		keepRing(t, longer, twoHours.Rotation)
		keepRing(t, ring, twoHours.Announce)
		if diff := cmp.Diff(kids(longerToken), kids(token)); diff != "" {
			t.Errorf("keys (-of the first +of the one behind):\n%s", diff)
		}
		keepRing(t, longer, 0)
		for _, token := range []*tokens.Token{token, longerToken} {
			made := must(token.Make(t.Context(), time.Now()))
			verifies(t, made.Value.Reveal(), tokens.JWKSet(longerToken.PublicKeys()))
		}
		if entries := must(os.ReadDir(filepath.Join(dir, "partner.EdDSA"))); len(entries) != 1 {
			t.Errorf("there are %d files, want 1", len(entries))
		}
	})
}

// TestRingLeftovers: what was being written when a process was killed goes away,
// and what is being written now does not.
func TestRingLeftovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[keys]")
	_, token := newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
	left, fresh := filepath.Join(dir, "partner.EdDSA", ".new-1"), filepath.Join(dir, "partner.EdDSA", ".new-2")
	before := time.Now().Add(-2 * time.Hour)
	if err := errors.Join(
		os.MkdirAll(filepath.Dir(left), 0o700), os.WriteFile(left, nil, 0o600), os.WriteFile(fresh, nil, 0o600), os.Chtimes(left, before, before),
	); err != nil {
		t.Fatal(err)
	}
	must(token.Make(t.Context(), time.Now()))
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v of the file that was left, want that there is none", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error(err)
	}
}

// TestRingLastNumber: behind the last number that there is, no key is made. It is
// an error, and no endless search.
func TestRingLastNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		_, token := newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{Dir: dir})
		must(token.Make(t.Context(), time.Now()))
		name := filepath.Join(dir, "partner.EdDSA", "1.json")
		if err := os.Rename(name, filepath.Join(filepath.Dir(name), fmt.Sprint(math.MaxInt, ".json"))); err != nil {
			t.Fatal(err)
		}
		ring, token := newRing(t, token, tokens.KeyringOptions{Dir: dir})
		keepRing(t, ring, time.Minute)
		pass(24 * time.Hour)
		if err := ring.Maintain(t.Context()); err == nil {
			t.Error("got no error where no number is left")
		}
		must(token.Make(t.Context(), time.Now()))
	})
}

// TestRingLongerTokens: when tokens begin to live longer, so do the keys that
// sign them, and it is known after a restart with shorter ones.
func TestRingLongerTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		jwk := configs.JWK{Rotation: 2 * time.Hour, Announce: time.Minute, Keep: 1}
		start := func(ttl time.Duration) (*tokens.Keyring, *tokens.Token) {
			return newRing(t, must(tokens.New(generated("EdDSA", jwk), ttl)), tokens.KeyringOptions{Dir: dir})
		}
		ring, token := start(time.Minute)
		keepRing(t, ring, time.Hour)
		first := kids(token)[0]
		token = must(tokens.New(generated("EdDSA", jwk), 12*time.Hour)).With(ring)
		if due := ring.Due(time.Now()); due > 0 {
			t.Errorf("the ring has nothing to do for %s, want that it writes the longer life", due)
		}
		keepRing(t, ring, 30*time.Minute)
		made := must(token.Make(t.Context(), time.Now()))
		ring, token = start(time.Minute)
		for time.Until(made.Expires) > 0 {
			keepRing(t, ring, 10*time.Minute)
			if kids(token)[0] != first {
				t.Fatalf("the key is gone %s before its token has expired", time.Until(made.Expires))
			}
		}
		keepRing(t, ring, 2*time.Hour)
		if kids(token)[0] == first {
			t.Error("the key is still there")
		}
	})
}

// TestRingShorterAnnouncement: verifiers that were told to keep the keys for long
// have come back before a key signs that was announced for a shorter time.
func TestRingShorterAnnouncement(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			ring, token := newRing(t, must(tokens.New(generated("EdDSA", configs.JWK{Keep: 2}), time.Minute)), tokens.KeyringOptions{Dir: dir})
			keepRing(t, ring, time.Hour)
			known, end := kids(token), time.Now().Add(token.Hold())
			hasty := must(tokens.New(generated("EdDSA", configs.JWK{Rotation: 10 * time.Second, Announce: time.Second, Keep: 2}), time.Minute))
			if restart {
				ring, token = newRing(t, hasty, tokens.KeyringOptions{Dir: dir})
			} else {
				token = hasty.With(ring)
			}
			for time.Until(end) > 0 {
				keepRing(t, ring, 5*time.Second)
				if got := must(token.Make(t.Context(), time.Now())).KeyID; got != known[0] && time.Until(end) > 0 {
					t.Fatalf("restart %t: a key signs that nobody needs to know for %s", restart, time.Until(end))
				}
			}
			keepRing(t, ring, 20*time.Second)
			if got := must(token.Make(t.Context(), time.Now())).KeyID; got == known[0] {
				t.Errorf("restart %t: the first key still signs", restart)
			}
		})
	}
}

// TestRingWaits: who waits for another's making gives up with its context.
func TestRingWaits(t *testing.T) {
	ring, token := newRing(t, must(tokens.New(generated("EdDSA", twoHours), time.Minute)), tokens.KeyringOptions{})
	release := ring.Hold()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := token.Make(ctx, time.Now()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want that the time is over", err)
	}
	release()
	must(token.Make(t.Context(), time.Now()))
}

// TestUnboundToken: a Token whose ring is missing signs nothing and publishes
// nothing.
func TestUnboundToken(t *testing.T) {
	token := must(tokens.New(generated("ES256", twoHours), time.Minute))
	if _, err := token.Make(t.Context(), time.Now()); err == nil || !strings.HasSuffix(err.Error(), "there is no key yet") {
		t.Errorf("got error %v, want that there is no key yet", err)
	}
	if len(token.PublicKeys()) != 0 || token.Hold() != 0 {
		t.Errorf("got %d keys to be kept for %s, want none", len(token.PublicKeys()), token.Hold())
	}
	if _, err := tokens.NewKeyring(tokens.RingName{TokenID: "x", Algorithm: "HS256"}, tokens.KeyringOptions{}); err == nil {
		t.Error("there is a ring of secrets")
	}
}
