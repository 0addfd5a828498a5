package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// TestLifeOfTimes: the shorter one of exp and ttl rules the life of a value, and
// nobody uses it before nbf.
func TestLifeOfTimes(t *testing.T) {
	const half = 500 * time.Millisecond
	for name, c := range map[string]struct {
		times      configs.Times
		wait, life time.Duration // at half a second past noon
	}{
		"the ttl":           {configs.Times{}, 0, ttl - half},
		"a shorter exp":     {configs.Times{Expires: time.Minute}, 0, time.Minute - half},
		"a longer exp":      {configs.Times{Expires: time.Hour}, 0, ttl},
		"no exp":            {configs.Times{NoExpires: true}, 0, ttl},
		"iat moved":         {configs.Times{IssuedAt: -time.Hour}, 0, ttl - half},
		"nbf":               {configs.Times{HasNotBefore: true, NotBefore: 30 * time.Second}, 30*time.Second - half, ttl - half},
		"nbf at once":       {configs.Times{HasNotBefore: true}, 0, ttl - half},
		"nbf in the past":   {configs.Times{HasNotBefore: true, NotBefore: -time.Hour}, 0, ttl - half},
		"exp between":       {configs.Times{Expires: 90*time.Second + half}, 0, 90*time.Second - half},
		"other times alone": {configs.Times{NoExpires: true, Others: []configs.TimeClaim{timed("t", time.Second)}}, 0, ttl},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon.Add(half)
			m, err := newToken(t, with(func(cfg *configs.Token) { cfg.Times = c.times }), ttl).Make(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			if !m.Created.Equal(now) || m.Expires.Sub(now) != c.life {
				t.Errorf("created %s, life %s, want life %s from now", m.Created, m.Expires.Sub(now), c.life)
			}
			if want := now.Add(c.wait); c.wait == 0 && !m.NotBefore.IsZero() || c.wait != 0 && !m.NotBefore.Equal(want) {
				t.Errorf("good from %s, want %s later than now", m.NotBefore, c.wait)
			}
			if e := m.Entry(); !e.NotBefore.Equal(m.NotBefore) {
				t.Errorf("the entry is good from %s, want %s", e.NotBefore, m.NotBefore)
			}
		})
	}
}

// TestLifeStaysPromised walks through the parts of a second: whatever they are,
// no value is used after exp or before nbf, and both are whole seconds.
func TestLifeStaysPromised(t *testing.T) {
	token := newToken(t, with(func(c *configs.Token) {
		c.Times = configs.Times{Expires: 10*time.Second + 999*time.Millisecond, HasNotBefore: true, NotBefore: 3*time.Second + 500*time.Millisecond}
	}), ttl)
	for _, elapsed := range []time.Duration{0, 1, time.Millisecond, 500 * time.Millisecond, time.Second - 1} {
		m, err := token.Make(t.Context(), noon.Add(elapsed))
		if err != nil {
			t.Fatal(err)
		}
		var claims struct{ Iat, Nbf, Exp int64 }
		if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(strings.Split(m.Value.Reveal(), ".")[1])), &claims); err != nil {
			t.Fatal(err)
		}
		if claims.Iat != noon.Unix() || claims.Nbf != noon.Unix()+3 || claims.Exp != noon.Unix()+10 {
			t.Errorf("%s past noon: %+v, want noon, 3 s and 10 s later", elapsed, claims)
		}
		if !m.NotBefore.Equal(time.Unix(claims.Nbf, 0)) || !m.Expires.Equal(time.Unix(claims.Exp, 0)) {
			t.Errorf("%s past noon: used from %s to %s, want as nbf and exp say", elapsed, m.NotBefore, m.Expires)
		}
	}
}
