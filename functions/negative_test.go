package functions_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// What is stored is not given up for an answer that is not ok, but for one that
// a caller asked for.
func TestNegativeLeavesWhatIsGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, `
  - {name: rates, url: "https://api.acme.test/rates", cache: results, caching: {warm: true, negative: {503: 10s}}}
  - {name: old, url: "https://api.acme.test/old", cache: second, caching: {stale: 1h, negative: {503: 10s}}}
  - {name: use, method: POST, url: "https://api.acme.test/use", fixed: {v: 33333333-2222-3333-4444-555555555555}, json: {v: </v>}}
`)
		if _, err := w.Make(t.Context(), "rates"); err != nil {
			t.Fatal(err)
		}
		w.call(t, functions.Call{Function: "old"})
		w.sender.status(503)
		if _, err := w.Make(t.Context(), "rates"); err == nil {
			t.Error("Make gives no error for a 503")
		}
		if got := w.call(t, functions.Call{Function: "rates"}); got.Status != 200 || got.Source != functions.FromCache {
			t.Errorf("got %d from %s after an attempt to keep it warm, want the 200 that is stored", got.Status, got.Source)
		}
		<-time.After(90 * time.Second)
		_, _ = w.Call(t.Context(), functions.Call{Function: "use"})
		if got := w.call(t, functions.Call{Function: "old"}); got.Status != 200 || got.Source != functions.FromStale {
			t.Errorf("got %d from %s, want the stale 200", got.Status, got.Source)
		}
		w.results.Wait()
	})
}
