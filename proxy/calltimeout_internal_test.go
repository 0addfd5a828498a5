package proxy

import (
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

// Whatever a caller writes, it gives a call some time, or none but the
// Function's, or is refused.
func FuzzCallTimeout(f *testing.F) {
	for _, seed := range []string{"2s", "0", "-1", "1h", "4294967296", "1e9s", "", "1s, 2s"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, twice bool) {
		fields := []wire.Field{{Name: []byte("Egret-Timeout"), Value: []byte(text)}}
		if twice {
			fields = append(fields, fields[0])
		}
		timeout, err := callTimeout(fields)
		if err == nil && (timeout <= 0 || twice) || err != nil && timeout != 0 {
			t.Errorf("Egret-Timeout: %q, twice %v, gives %v, %v", text, twice, timeout, err)
		}
	})
}
