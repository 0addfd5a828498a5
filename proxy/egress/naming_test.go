package egress_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/egress"
)

// TestNaming holds the caches that are found by a host against a look at each of
// them.
func TestNaming(t *testing.T) {
	var list []configs.Cache
	for i, names := range [][]string{
		{"a.test"},
		{"b.test", "*.b.test", "x.b.test"},
		{"*.test:*"},
		{"a.test:8080", "a.test"},
		nil,
		{"127.0.0.1:*"},
		{"[::1]:8080"},
		{"a.test"},
		{"*.b.test:81"},
		{"test"},
		{"-a.test"},
	} {
		list = append(list, configs.Cache{Name: fmt.Sprintf("c%d", i), Hosts: hosts(t, names...)})
	}
	policy := egress.NewPolicy(configs.Egress{}, list)
	for _, host := range []string{"a.test", "b.test", "x.b.test", "y.x.b.test", "ab.test", "test", "-a.test", "127.0.0.1", "0.0.1", "::1", ".test", "."} {
		for _, port := range []uint16{80, 81, 8080} {
			var got, want []string
			for _, cache := range policy.Naming(host, port) {
				got = append(got, cache.Name)
			}
			for i := range list {
				if list[i].Names(host, port) {
					want = append(want, list[i].Name)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s:%d: caches (-want +got):\n%s", host, port, diff)
			}
		}
	}
}

// BenchmarkDestination is what the first request to a host pays for very many
// caches.
func BenchmarkDestination(b *testing.B) {
	for _, n := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", n), func(b *testing.B) {
			list := make([]configs.Cache, n)
			for i := range list {
				list[i] = configs.Cache{Hosts: hosts(b, fmt.Sprintf("api-%d.acme.test", i))}
			}
			policy := egress.NewPolicy(configs.Egress{}, list)
			b.ReportAllocs()
			for b.Loop() {
				policy.Destination("elsewhere.acme.test", 80)
			}
		})
	}
}
