package configs

import (
	"fmt"
	"os"
	"runtime"
)

// warningSeverity is the Severity of what is no error.
const warningSeverity = "warning"

// minScrubbed is the length in bytes below which a value is not looked for in
// answers: too much that is no secret would be replaced.
const minScrubbed = 8

// warn reports something about a path that works and may not be meant.
func (d *decoder) warn(path, message, hint string) {
	if d.warned++; d.warned > maxProblems {
		return
	}
	p := d.sources.problem(path, message, hint)
	p.Severity = warningSeverity
	d.warnings = append(d.warnings, p)
}

// Warning is [Config.Problem] for what works and may not be meant.
func (c *Config) Warning(path, message, hint string) Problem {
	p := c.Problem(path, message, hint)
	p.Severity = warningSeverity
	return p
}

// checkWarnings looks for what works and may not be meant.
func (d *decoder) checkWarnings() {
	d.warnListener(d.where("listen"), d.cfg.Listen)
	d.warnListener(d.adminPath(), d.cfg.Admin.Listen)
	for _, t := range d.tokens {
		if !d.reported(t.Path) {
			d.warnToken(t)
		}
	}
	for _, f := range d.functions {
		d.warnRetry(f)
		d.warnKey(f)
		if f.Cache != "" && !f.Caching.Written && f.Credential == nil && f.Method != "GET" && f.Method != "HEAD" && !d.reported(f.Path) {
			d.warn(below(f.Path, "cache"), "a call that is repeated is answered from the cache, although "+f.Method+" may be meant to change something each time",
				"leave out cache, unless that is meant; then say how with caching")
		}
	}
}

// adminPath is where the address of the control plane stands.
func (d *decoder) adminPath() string {
	path := d.where("admin")
	for _, root := range d.roots {
		if n := root.member("admin"); n != nil && n.kind == mapping {
			return below(n.path, "listen")
		}
	}
	return path
}

// warnListener warns of keys and values that others could read on their way.
func (d *decoder) warnListener(path string, l Listener) {
	if l.Address != "" && !l.Local() && l.TLS == nil && !d.doubtful(path) {
		d.warn(path, "other machines can connect here, and what they send and get is not encrypted", "give it tls, or listen on 127.0.0.1")
	}
}

func (d *decoder) warnToken(t tokenEntry) {
	value := below(t.Path, "value")
	if n := t.Value.Len(); n > 0 && n < minScrubbed && !d.unset[value] {
		d.warn(value, fmt.Sprintf("a value of fewer than %d bytes is not scrubbed from answers", minScrubbed), "")
	}
	c := d.cache(t.Cache)
	if c == nil || !t.Value.IsZero() || d.reported(c.Path) {
		return
	}
	at, lives := below(c.Path, "ttl"), c.TTL
	if written := t.expiresPath(); written != "" {
		at, lives = written, t.Times.Expires // A service reads exp, and knows nothing of caches.
	}
	for _, s := range services {
		if lives > s.longest && s.namedBy(c.Hosts) {
			d.warn(at, fmt.Sprintf("%s accepts a token for at most %s, this one would live %s", s.name, DurationText(s.longest), DurationText(lives)),
				"write "+DurationText(s.longest)+" or less")
		}
	}
}

// warnReadable warns of a file with a secret that other users of the machine
// may read. Windows has other ways to say who may.
func (d *decoder) warnReadable(n *node) {
	for at := 0; ; {
		r, message, found := nextReference(n.text, at)
		if !found {
			return
		}
		at = r.to
		if message != "" || r.literal || r.scheme != "file" {
			continue
		}
		path, _, _ := d.expander.path(d.sources.of(n.path).file, r)
		d.warnMode(n, path, path)
	}
}

// warnMode warns of one such file, which is called shown.
func (d *decoder) warnMode(n *node, path, shown string) {
	if runtime.GOOS == "windows" {
		return
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		d.warn(n.path, fmt.Sprintf("other users can read %s, its mode is %04o", shown, info.Mode().Perm()), "chmod 600 "+shown)
	}
}
