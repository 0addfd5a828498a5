package egress_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

var secure = egress.Grant{TLS: true}

func prefixes(texts ...string) []netip.Prefix {
	list := []netip.Prefix{}
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// codeOf is the code of a refusal, "" without an error.
func codeOf(t testing.TB, err error) functions.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	r, ok := errors.AsType[*functions.Refusal](err)
	if !ok {
		t.Fatalf("the error %v is no refusal", err)
	}
	return r.Code
}

// notPublic are the ranges that are denied, each with addresses from it. The
// list stands here again, so that another one in a library does not open any.
var notPublic = map[string][]string{
	"0.0.0.0/8":       {"0.0.0.0", "0.1.2.3", "0.255.255.255"},
	"10.0.0.0/8":      {"10.0.0.0", "10.1.2.3", "10.255.255.255"},
	"100.64.0.0/10":   {"100.64.0.0", "100.100.0.1", "100.127.255.255"},
	"127.0.0.0/8":     {"127.0.0.1", "127.255.255.255"},
	"169.254.0.0/16":  {"169.254.0.1", "169.254.255.255"},
	"172.16.0.0/12":   {"172.16.0.0", "172.31.255.255"},
	"192.0.0.0/24":    {"192.0.0.0", "192.0.0.255"},
	"192.0.2.0/24":    {"192.0.2.1"},
	"192.88.99.0/24":  {"192.88.99.1"},
	"192.168.0.0/16":  {"192.168.0.0", "192.168.255.255"},
	"198.18.0.0/15":   {"198.18.0.1", "198.19.255.255"},
	"198.51.100.0/24": {"198.51.100.1"},
	"203.0.113.0/24":  {"203.0.113.1"},
	"224.0.0.0/4":     {"224.0.0.1", "239.255.255.255"},
	"240.0.0.0/4":     {"240.0.0.1", "255.255.255.255"},
	"::/128":          {"::"},
	"::1/128":         {"::1"},
	"::/96":           {"::7f00:1", "::8.8.8.8"},
	"64:ff9b::/96":    {"64:ff9b::7f00:1", "64:ff9b::808:808"},
	"64:ff9b:1::/48":  {"64:ff9b:1::1", "64:ff9b:1:ffff::808:808"},
	"100::/64":        {"100::1"},
	"2001::/23":       {"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:20::1", "2001:1ff::1"},
	"2001:db8::/32":   {"2001:db8::1"},
	"2002::/16":       {"2002:7f00:1::", "2002:808:808::1"},
	"3fff::/20":       {"3fff::1"},
	"4000::/2":        {"4000::1", "5f00::1"},
	"fc00::/7":        {"fc00::1", "fd00::1", "fdff::1"},
	"fe80::/10":       {"fe80::1", "fe80::1%eth0", "fe80::1%1"},
	"fec0::/10":       {"fec0::1"},
	"ff00::/8":        {"ff02::1"},
}

func TestNotPublic(t *testing.T) {
	guard := egress.NewGuard(nil, nil)
	for name, texts := range notPublic {
		for _, text := range texts {
			addr := netip.MustParseAddr(text)
			wide := egress.NewGuard(prefixes(name), nil)
			for _, addr := range spellings(addr) {
				target := netip.AddrPortFrom(addr, 443)
				if got := codeOf(t, guard.Check(target, secure)); got != functions.PrivateAddress {
					t.Errorf("%s: got %q, want private_address", addr, got)
				}
				if got := codeOf(t, guard.Check(target, egress.Grant{TLS: true, Literal: true})); got != "" {
					t.Errorf("%s written as a literal: got %q, want it to pass", addr, got)
				}
				// A prefix for carriers of IPv4 does not open what they carry.
				if !strings.HasPrefix(name, "64:") && !strings.HasPrefix(name, "2001::/") && !strings.HasPrefix(name, "2002:") && name != "::/96" {
					if got := codeOf(t, wide.Check(target, secure)); got != "" {
						t.Errorf("%s under allow_private [%s]: got %q, want it to pass", addr, name, got)
					}
				}
			}
		}
	}
}

// spellings are the address, and the IPv6 address that an IPv4 one is mapped
// into.
func spellings(addr netip.Addr) []netip.Addr {
	if !addr.Is4() {
		return []netip.Addr{addr}
	}
	return []netip.Addr{addr, netip.AddrFrom16(addr.As16())}
}

func TestPublic(t *testing.T) {
	guard := egress.NewGuard(nil, nil)
	for _, text := range []string{"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "11.0.0.1", "126.0.0.1", "128.0.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2a00::1"} {
		for _, addr := range spellings(netip.MustParseAddr(text)) {
			if err := guard.Check(netip.AddrPortFrom(addr, 443), secure); err != nil {
				t.Errorf("%s: got %v, want it to pass", addr, err)
			}
			zoned := addr.WithZone("eth0")
			if zoned.Zone() == "" {
				continue
			}
			if got := codeOf(t, guard.Check(netip.AddrPortFrom(zoned, 443), secure)); got != functions.PrivateAddress {
				t.Errorf("%s: got %q, want private_address", zoned, got)
			}
		}
	}
}

var metadata = []string{
	"169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
}

// TestMetadata: neither a literal nor a wide prefix opens them, not even inside
// an address that carries them.
func TestMetadata(t *testing.T) {
	wide := egress.NewGuard(prefixes("0.0.0.0/0", "::/0"), nil)
	literal := egress.Grant{TLS: true, Literal: true}
	for _, text := range metadata {
		addr := netip.MustParseAddr(text)
		exact := egress.NewGuard([]netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}, nil)
		for _, addr := range spellings(addr) {
			target := netip.AddrPortFrom(addr, 443)
			if got := codeOf(t, wide.Check(target, literal)); got != functions.PrivateAddress {
				t.Errorf("%s: got %q, want private_address", addr, got)
			}
			if err := exact.Check(target, secure); err != nil {
				t.Errorf("%s written out: got %v, want it to pass", addr, err)
			}
		}
	}
	for _, text := range []string{"64:ff9b::169.254.169.254", "64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1", "2001:0:0:0:0:0:5601:5601", "::169.254.169.254"} {
		if got := codeOf(t, wide.Check(netip.AddrPortFrom(netip.MustParseAddr(text), 443), literal)); got != functions.PrivateAddress {
			t.Errorf("%s: got %q, want private_address", text, got)
		}
	}
}

// TestCarriers: a permitted NAT64 prefix opens the public addresses behind it,
// and those that are permitted themselves.
func TestCarriers(t *testing.T) {
	nat64, both := egress.NewGuard(prefixes("64:ff9b::/96"), nil), egress.NewGuard(prefixes("64:ff9b::/96", "10.0.0.0/8"), nil)
	for _, test := range []struct {
		guard *egress.Guard
		addr  string
		want  functions.Code
	}{
		{nat64, "64:ff9b::8.8.8.8", ""},
		{nat64, "64:ff9b::10.0.0.1", functions.PrivateAddress},
		{nat64, "64:ff9b::127.0.0.1", functions.PrivateAddress},
		{both, "64:ff9b::10.0.0.1", ""},
		{both, "64:ff9b::127.0.0.1", functions.PrivateAddress},
		{egress.NewGuard(prefixes("::ffff:10.0.0.0/104"), nil), "10.1.2.3", ""},
		{egress.NewGuard(prefixes("::ffff:10.0.0.0/104"), nil), "11.1.2.3", ""},
		{egress.NewGuard(prefixes("::ffff:10.0.0.0/104"), nil), "192.168.1.1", functions.PrivateAddress},
	} {
		if got := codeOf(t, test.guard.Check(netip.AddrPortFrom(netip.MustParseAddr(test.addr), 443), secure)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.addr, got, test.want)
		}
	}
}

func TestCleartext(t *testing.T) {
	guard := egress.NewGuard(prefixes("127.0.0.0/8", "::1/128", "10.0.0.0/8"), nil)
	for _, test := range []struct {
		addr  string
		grant egress.Grant
		want  functions.Code
	}{
		{"8.8.8.8", egress.Grant{}, functions.CleartextDenied},
		{"8.8.8.8", egress.Grant{Cleartext: true}, ""},
		{"8.8.8.8", egress.Grant{TLS: true}, ""},
		{"10.0.0.1", egress.Grant{}, functions.CleartextDenied},
		{"10.0.0.1", egress.Grant{Literal: true}, functions.CleartextDenied},
		{"127.0.0.1", egress.Grant{}, ""},
		{"::ffff:127.0.0.1", egress.Grant{}, ""},
		{"::1", egress.Grant{}, ""},
		{"0.0.0.0", egress.Grant{Literal: true}, functions.CleartextDenied},
	} {
		if got := codeOf(t, guard.Check(netip.AddrPortFrom(netip.MustParseAddr(test.addr), 80), test.grant)); got != test.want {
			t.Errorf("%s, %+v: got %q, want %q", test.addr, test.grant, got, test.want)
		}
	}
}

func TestOwnAddress(t *testing.T) {
	local := localAddr(t)
	for _, test := range []struct {
		own, target string
		want        bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "[::ffff:127.0.0.1]:8080", true},
		{"127.0.0.1:8080", "0.0.0.0:8080", true},
		{"127.0.0.1:8080", "[::]:8080", true},
		{"127.0.0.1:8080", "127.0.0.1:8081", false},
		{"127.0.0.1:8080", "127.0.0.2:8080", false},
		{"127.0.0.1:8080", "8.8.8.8:8080", false},
		{"[::1]:8080", "[::1]:8080", true},
		{"[::1]:8080", "[::1%lo]:8080", true},
		{"8.8.8.8:8080", "8.8.8.8:8080", true},
		{"0.0.0.0:8080", "127.0.0.1:8080", true},
		{"0.0.0.0:8080", "127.9.9.9:8080", true},
		{"0.0.0.0:8080", "[::1]:8080", true},
		{"0.0.0.0:8080", local + ":8080", true},
		{"[::]:8080", local + ":8080", true},
		{"[::]:8080", "8.8.8.8:8080", false},
		{"[::]:8080", local + ":8081", false},
	} {
		own := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort(test.own)}
		guard := egress.NewGuard(prefixes("0.0.0.0/0", "::/0"), func() []netip.AddrPort { return own })
		target := netip.MustParseAddrPort(test.target)
		if got := guard.Owns(target); got != test.want {
			t.Errorf("a listener on %s owns %s: got %v, want %v", test.own, test.target, got, test.want)
		}
		if got := codeOf(t, guard.Check(target, egress.Grant{TLS: true, Literal: true})); (got == functions.Loop) != test.want {
			t.Errorf("a listener on %s, %s dialled: got %q, want loop %v", test.own, test.target, got, test.want)
		}
	}
}

// localAddr is an address of this machine, on loopback if it has no other.
func localAddr(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if p, err := netip.ParsePrefix(addr.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
			return p.Addr().String()
		}
	}
	return "127.0.0.1"
}

// TestCheckTellsNoAddress: what a caller sees does not map the network.
func TestCheckTellsNoAddress(t *testing.T) {
	own := netip.MustParseAddrPort("127.0.0.1:8080")
	guard := egress.NewGuard(nil, func() []netip.AddrPort { return []netip.AddrPort{own} })
	for _, target := range []string{"127.0.0.1:8080", "10.1.2.3:80", "8.8.8.8:80"} {
		addr := netip.MustParseAddrPort(target)
		r, _ := errors.AsType[*functions.Refusal](guard.Check(addr, egress.Grant{}))
		if r == nil || strings.Contains(r.Detail+r.Remedy, addr.Addr().String()) || !strings.Contains(r.Cause.Error(), addr.Addr().String()) {
			t.Errorf("%s: got %+v, want the address in the cause alone", target, r)
		}
	}
}

// FuzzGuard: without permission, no address of a denied range passes, in any
// spelling.
func FuzzGuard(f *testing.F) {
	denied := []netip.Prefix{}
	for name, texts := range notPublic {
		denied = append(denied, netip.MustParsePrefix(name))
		for _, text := range texts {
			f.Add(netip.MustParseAddr(text).AsSlice(), uint16(443), "")
		}
	}
	for _, text := range append(metadata, "8.8.8.8", "::ffff:10.0.0.1") {
		f.Add(netip.MustParseAddr(text).AsSlice(), uint16(80), "eth0")
	}
	guard := egress.NewGuard(nil, nil)
	f.Fuzz(func(t *testing.T, bytes []byte, port uint16, zone string) {
		addr, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		if addr.Is6() {
			addr = addr.WithZone(zone)
		}
		code := codeOf(t, guard.Check(netip.AddrPortFrom(addr, port), secure))
		bare := addr.WithZone("").Unmap()
		for _, prefix := range denied {
			if prefix.Contains(bare) && code != functions.PrivateAddress {
				t.Errorf("%s of %s: got %q, want private_address", addr, prefix, code)
			}
		}
		for _, text := range metadata {
			if bare == netip.MustParseAddr(text) && code == "" {
				t.Errorf("the metadata address %s passes", addr)
			}
		}
	})
}

func ExampleGuard_Check() {
	guard := egress.NewGuard([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, nil)
	for _, addr := range []string{"10.1.2.3:443", "10.2.2.3:443", "169.254.169.254:80"} {
		err := guard.Check(netip.MustParseAddrPort(addr), egress.Grant{TLS: true})
		fmt.Println(addr, err == nil)
	}
	// Output:
	// 10.1.2.3:443 true
	// 10.2.2.3:443 false
	// 169.254.169.254:80 false
}

func BenchmarkCheck(b *testing.B) {
	own := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080")}
	guard := egress.NewGuard(prefixes("10.1.0.0/16"), func() []netip.AddrPort { return own })
	addr := netip.MustParseAddrPort("8.8.8.8:443")
	b.ReportAllocs()
	for b.Loop() {
		if err := guard.Check(addr, secure); err != nil {
			b.Fatal(err)
		}
	}
}
