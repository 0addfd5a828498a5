package proxy

import (
	"fmt"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// However a client spells a host, it is one destination.
func TestDestinationSpellings(t *testing.T) {
	rt := newServer(t, holders(t, "a.test")).current.Load()
	want, _, err := rt.destination([]byte("http://a.test/"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second one is remembered
		for _, spelling := range []string{"A.test", "a.TEST:80", "a.test."} {
			if got, _, err := rt.destination([]byte("http://" + spelling + "/")); err != nil || got != want {
				t.Errorf("%s is destination %p, %v, want %p", spelling, got, err, want)
			}
		}
	}
	if other, _, err := rt.destination([]byte("http://a.test:8080/")); err != nil || other == want {
		t.Errorf("another port is destination %p, %v, want one of its own", other, err)
	}
}

// What is remembered of destinations does not grow with their number times that
// of the caches that name them.
func TestDestinationsBounded(t *testing.T) {
	var known destinations
	for i := range 10 {
		authority := fmt.Sprintf("host-%d.test", i)
		known.put(authority, &destination{target: target{authority: authority}, secrets: make([]*configs.Cache, maxListed/2)})
		listed := 0
		for _, to := range *known.known.Load() {
			listed += len(to.secrets)
		}
		if listed > maxListed || known.get(authority) == nil {
			t.Fatalf("after %d destinations %d caches are listed, want %d at most, and the last one among them", i+1, listed, maxListed)
		}
	}
}
