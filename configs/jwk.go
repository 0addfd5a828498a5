package configs

import (
	"fmt"
	"strings"
	"time"
)

// What egret does about keys of its own when the file does not say, and the
// bounds of what it may say.
const (
	defaultRotation = 720 * time.Minute
	leastRotation   = 2 * time.Second
	defaultAnnounce = time.Hour // or a quarter of the rotation, if that is shorter
	leastAnnounce   = time.Second
	defaultKeep     = 2
	mostKeep        = 16
	defaultSize     = 2048
	leastSize       = 2048
	mostSize        = 8192
)

// A jwkEntry is a JWK, and whether there shall be one.
type jwkEntry struct {
	JWK
	enabled bool
}

var jwk = section[jwkEntry]{aJWK, []field[jwkEntry]{
	{"enabled", true, func(d *decoder, n *node, j *jwkEntry) { j.enabled = d.flag(n) }},
	{"rotation", false, func(d *decoder, n *node, j *jwkEntry) { j.Rotation = d.rotation(n) }},
	{"announce", false, func(d *decoder, n *node, j *jwkEntry) { j.Announce = d.seconds(n, leastAnnounce) }},
	{"keep", false, func(d *decoder, n *node, j *jwkEntry) { j.Keep = d.between(n, 1, mostKeep) }},
	{"size", false, func(d *decoder, n *node, j *jwkEntry) { j.Size = d.between(n, leastSize, mostSize) }},
}}

// decodeJWK reads how egret makes keys. What is not enabled is as if it were
// left out.
func decodeJWK(d *decoder, n *node, t *tokenEntry) {
	j := jwkEntry{JWK: JWK{Rotation: defaultRotation}}
	jwk.decode(d, n, &j)
	if j.enabled {
		t.JWK = &j.JWK
	}
}

// rotation reads how long a key signs. 0 means for ever.
func (d *decoder) rotation(n *node) time.Duration {
	v, ok := d.wholeSeconds(n)
	if ok && v != 0 && v < leastRotation {
		d.problem(n, fmt.Sprintf("must be at least %v, or 0", leastRotation), "0 replaces no key")
		return 0
	}
	return v
}

// between reads a whole number of a range.
func (d *decoder) between(n *node, least, most int64) int {
	v, ok := d.count(n)
	if ok && (v < least || v > most) {
		d.problem(n, fmt.Sprintf("must be between %d and %d", least, most), "")
		return 0
	}
	return int(v)
}

// completeJWK fills in defaults, and looks at what depends on the algorithm.
func (d *decoder) completeJWK(t *tokenEntry) {
	j := t.JWK
	if j == nil {
		return
	}
	n := t.node.member("jwk")
	if m := t.node.member("publish"); m != nil && !t.Publish && !d.reported(m.path) {
		d.problem(m, "keys that egret makes are published", "leave it out")
	}
	t.Publish = true
	if j.Keep == 0 {
		j.Keep = defaultKeep
	}
	d.completeAnnounce(n, j)
	rsa := strings.HasPrefix(t.Algorithm, "RS") || strings.HasPrefix(t.Algorithm, "PS")
	switch m := n.member("size"); {
	case rsa && m == nil:
		j.Size = defaultSize
	case !rsa && m != nil && t.Algorithm != "":
		d.problem(m, "the keys of "+t.Algorithm+" have one size", "leave it out")
	}
}

// completeAnnounce fills in how long a key is published before it signs.
func (d *decoder) completeAnnounce(n *node, j *JWK) {
	m := n.member("announce")
	if m == nil {
		j.Announce = announceOf(j.Rotation)
		return
	}
	switch {
	case d.doubtful(below(n.path, "rotation")):
	case j.Rotation == 0:
		d.problem(m, "a key that is never replaced is not announced", "leave out announce, or rotation: 0")
	case j.Announce >= j.Rotation:
		d.problem(m, "must be shorter than the rotation, "+DurationText(j.Rotation), "")
	}
}

// announceOf is how long before its time a key is published by default.
func announceOf(rotation time.Duration) time.Duration {
	if rotation == 0 {
		return 0
	}
	return max(min(defaultAnnounce, rotation/4).Truncate(time.Second), leastAnnounce)
}
