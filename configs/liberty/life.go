package liberty

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

const (
	leastLife   = 2 * time.Second
	defaultLife = 2 * time.Hour
)

// lifetime gives how long a token of Liberty lives: expiresInSeconds wins when
// it is not negative.
func (b *builder) lifetime() (key string, value time.Duration) {
	if b.has("expiresInSeconds") {
		if value := b.duration("expiresInSeconds", time.Second, -time.Second); value >= 0 {
			return "expires_in", value
		}
	}
	return "expiry", b.duration("expiry", time.Hour, defaultLife)
}

func (b *builder) life() {
	key, value := b.lifetime()
	if key == "expires_in" && b.has("expiry") {
		b.note("without effect beside expiresInSeconds: expiry")
	}
	if value < leastLife {
		b.note("the token expires at once in Liberty; %v is the least that egret takes", leastLife)
		value = leastLife
	}
	b.put(key, configs.DurationText(value))
}

// ttl is that of the cache: as long as the token lives.
func (b *builder) ttl() string {
	_, value := b.lifetime()
	return configs.DurationText(max(value, leastLife))
}

func (b *builder) notBefore() {
	offset := b.duration("nbfOffset", time.Second, -time.Second)
	_, life := b.lifetime()
	switch {
	case offset < 0:
	case offset+leastLife > max(life, leastLife):
		b.note("nbfOffset is left out: the token would begin when it ends")
	default:
		b.put("nbf_offset", configs.DurationText(offset))
	}
}

// duration gives an attribute that is one, or what holds without it.
func (b *builder) duration(name string, unit, otherwise time.Duration) time.Duration {
	s, ok := b.fixed(name)
	if !ok {
		return otherwise
	}
	value, cut, ok := duration(s, unit)
	if !ok {
		b.note("%s is no duration that egret can read: its default holds", name)
		return otherwise
	}
	if cut {
		b.note("%s is cut to whole units of %s by Liberty, and here", name, configs.DurationText(unit))
	}
	return value
}
