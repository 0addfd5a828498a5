package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// PublicKeys gives the set of the one Token that tests restart with.
func (s *Server) PublicKeys() string {
	set, _ := s.published.set("made", time.Now())
	return string(set.body)
}

// publishing is a configuration with Tokens of the given entries, without a state
// directory.
func publishing(t *testing.T, entries ...string) *configs.Config {
	t.Helper()
	yaml := "caches:\n"
	for i := range entries {
		yaml += fmt.Sprintf("  - {name: c%d, ttl: 10m, hosts: [api.acme.test]}\n", i)
	}
	yaml += "  - {name: last, ttl: 1m}\n"
	if len(entries) > 0 {
		yaml += "tokens:\n"
	}
	for i, entry := range entries {
		yaml += fmt.Sprintf("  - {cache: c%d, %s}\n", i, entry)
	}
	cfg, err := Parse("egret.yaml", []byte(yaml), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.State = ""
	return cfg
}

func withKey(t *testing.T) string {
	t.Helper()
	key, err := tokens.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	return `algorithm: ES256, key_type: EcPem, key: "` + strings.ReplaceAll(key.Private.Reveal(), "\n", `\n`) + `"`
}

// keysAt counts the keys of a Token at a time, -1 when there is no such Token.
func (s *Server) keysAt(id string, now time.Time) int {
	set, ok := s.published.set(id, now)
	if !ok {
		return -1
	}
	return len(gjson.GetBytes(set.body, "keys").Array())
}

// TestPublishedAfterReload: a key that was replaced or removed stays until what
// it has signed is dead, and one that shall not be published is gone at once.
func TestPublishedAfterReload(t *testing.T) {
	one, other := withKey(t), withKey(t)
	const soon, late = 10*time.Minute + 59*time.Second, 10*time.Minute + 61*time.Second
	for _, c := range []struct {
		name            string
		before, after   string
		now, soon, late int // keys of the Token
		allNow, allLate int
	}{
		{"same", one + ", publish: true", one + ", publish: true", 1, 1, 1, 1, 1},
		{"other claims", one + ", publish: true", one + ", publish: true, claims: {a: 1}", 1, 1, 1, 1, 1},
		{"another key", one + ", publish: true", other + ", publish: true", 2, 2, 1, 2, 1},
		{"removed", one + ", publish: true", "", 1, 1, -1, 1, 0},
		{"another id", one + ", publish: true", one + ", publish: true, id: other", 1, 1, -1, 1, 1},
		{"published no more", one + ", publish: true", one, -1, -1, -1, 0, 0},
		{"another key, which is not published", one + ", publish: true", other, 1, 1, -1, 1, 0},
		{"a static credential instead", one + ", publish: true", "value: some-static-key", 1, 1, -1, 1, 0},
		{"published from now on", one, one + ", publish: true", 1, 1, 1, 1, 1},
		{"never published", one, other, -1, -1, -1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries := []string{}
			if c.after != "" {
				entries = append(entries, "name: t, "+c.after)
			}
			s := newServer(t, publishing(t, "name: t, "+c.before))
			if err := s.Apply(publishing(t, entries...)); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			for _, at := range []struct {
				after    time.Duration
				one, all int
			}{{0, c.now, c.allNow}, {soon, c.soon, c.allNow}, {late, c.late, c.allLate}} {
				if got := s.keysAt("t", now.Add(at.after)); got != at.one {
					t.Errorf("after %s: got %d keys, want %d", at.after, got, at.one)
				}
				if got := s.keysAt("", now.Add(at.after)); got != at.all {
					t.Errorf("after %s: got %d keys of all, want %d", at.after, got, at.all)
				}
			}
		})
	}
}

// TestPublishedWhileHeld: as long as a request may still ask for a token of an
// older configuration, its keys are public; but not where the same key is not to
// be published any more.
func TestPublishedWhileHeld(t *testing.T) {
	one, other := withKey(t), withKey(t)
	s := newServer(t, publishing(t, "name: t, "+one+", publish: true"))
	held := s.hold()
	if err := s.Apply(publishing(t, "name: t, "+other+", publish: true")); err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{0, 24 * time.Hour} {
		if got := s.keysAt("t", time.Now().Add(after)); got != 2 {
			t.Errorf("after %s: got %d keys, want 2", after, got)
		}
	}
	if err := s.Apply(publishing(t, "name: t, "+one)); err != nil {
		t.Fatal(err)
	}
	if got := s.keysAt("t", time.Now()); got != 1 {
		t.Errorf("got %d keys, want the other one alone", got)
	}
	held.release()
	if got := s.keysAt("t", time.Now().Add(time.Hour)); got != -1 {
		t.Errorf("got %d keys an hour later, want none", got)
	}
}

// TestPublishedAfterReloads: a reload does not make one forget what those before
// it have replaced.
func TestPublishedAfterReloads(t *testing.T) {
	s := newServer(t, publishing(t, "name: t, "+withKey(t)+", publish: true"))
	for i := range 4 {
		if got := s.keysAt("t", time.Now()); got != i+1 {
			t.Errorf("after %d reloads: got %d keys, want %d", i, got, i+1)
		}
		if err := s.Apply(publishing(t, "name: t, "+withKey(t)+", publish: true")); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.keysAt("t", time.Now().Add(time.Hour)); got != 1 {
		t.Errorf("got %d keys an hour later, want 1", got)
	}
}

// TestPublishedOnce: a set is made once for each change, and not for each who
// asks.
func TestPublishedOnce(t *testing.T) {
	s := newServer(t, publishing(t, "name: made, algorithm: EdDSA, jwk: {enabled: true}", "name: own, "+withKey(t)+", publish: true"))
	ask := func(id string) *keySet {
		set, _ := s.published.set(id, time.Now())
		return set
	}
	for _, id := range []string{"", "made", "own"} {
		first := ask(id)
		if ask(id) != first {
			t.Errorf("the set of %q was made twice", id)
		}
		s.published.changes.Add(1)
		if again := ask(id); again == first || again.etag != first.etag {
			t.Errorf("the set of %q was not made again, or has another tag with the same keys", id)
		}
	}
	before := ask("")
	s.keyrings.maintain(t.Context())
	if after := ask(""); after.etag == before.etag || s.keysAt("made", time.Now()) != 1 {
		t.Error("a key was made, and is not published")
	}
}

// TestManyKeyrings: what there is to do for many rings is done at once, and their
// sets do not take long.
func TestManyKeyrings(t *testing.T) {
	const many = 1000
	entries := make([]string, many)
	for i := range entries {
		entries[i] = fmt.Sprintf("name: t%d, algorithm: EdDSA, jwk: {enabled: true}", i)
	}
	cfg := publishing(t, entries...)
	s := newServer(t, cfg)
	start := time.Now()
	s.keyrings.maintain(t.Context())
	if got := s.keysAt("", time.Now()); got != many {
		t.Fatalf("got %d keys, want %d", got, many)
	}
	if err := s.Apply(publishing(t, entries[:many/2]...)); err != nil {
		t.Fatal(err)
	}
	if got := len(s.keyrings.list()); got != many/2 {
		t.Errorf("there are %d rings after a reload, want %d", got, many/2)
	}
	if got := s.keysAt("", time.Now()); got != many {
		t.Errorf("got %d keys after a reload, want %d: those that are gone may have signed", got, many)
	}
	if got := s.keysAt("", time.Now().Add(time.Hour)); got != many/2 {
		t.Errorf("got %d keys an hour later, want %d", got, many/2)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
