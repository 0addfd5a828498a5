package configs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var secondsText = regexp.MustCompile(`^-?[0-9]{1,9}$`)

// duration reads a duration of at least a minimum.
func (d *decoder) duration(n *node, least time.Duration) time.Duration {
	value, ok := d.period(n)
	return d.atLeast(n, value, ok, least)
}

// atLeast gives a duration that was read from n, unless it is below a minimum.
func (d *decoder) atLeast(n *node, value time.Duration, ok bool, least time.Duration) time.Duration {
	if ok && value < least {
		d.problem(n, fmt.Sprintf("must be at least %v", least), "")
		return 0
	}
	return value
}

// period reads a duration of any length.
func (d *decoder) period(n *node) (time.Duration, bool) {
	if n.kind != text && n.kind != number {
		return 0, d.is(n, text)
	}
	if hasReference(n.text) {
		d.plain(n)
		return 0, false
	}
	value, err := time.ParseDuration(n.text)
	if secondsText.MatchString(n.text) {
		seconds, _ := strconv.Atoi(n.text)
		value, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil {
		d.problem(n, fmt.Sprintf("%q is no duration", n.text), "write 15m or 1m30s, or whole seconds")
	}
	return value, err == nil
}

// DurationText writes a duration as people do, 10m and not 10m0s.
func DurationText(v time.Duration) string {
	s := v.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
