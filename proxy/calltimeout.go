package proxy

import (
	"strconv"
	"time"

	"github.com/egret-proxy/egret/proxy/wire"
)

// timeoutField is the name, in lower case, of the field with the time that a call
// may take.
const timeoutField = "egret-timeout"

// callTimeout reads how long a call may take, 0 without the field. More than one,
// and what is no time, is refused: a caller that is going to stop waiting must
// not be misread.
func callTimeout(fields []wire.Field) (time.Duration, error) {
	var timeout time.Duration
	for i := range fields {
		f := &fields[i]
		if f.Kind != wire.Other || !wire.EqualFold(f.Name, timeoutField) {
			continue
		}
		d, ok := parseTimeout(string(f.Value))
		if !ok || timeout > 0 {
			return 0, malformed("Egret-Timeout is not one duration above 0, such as 2s, 500ms or whole seconds")
		}
		timeout = d
	}
	return timeout, nil
}

// parseTimeout reads a duration above 0: as Go writes them, or whole seconds, of
// which 32 bits fit.
func parseTimeout(text string) (d time.Duration, ok bool) {
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, seconds > 0
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0
}
