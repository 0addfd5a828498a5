package main

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/egret-proxy/egret/functions"
)

// maxRefused is how many hosts are remembered.
const maxRefused = 100

// refusedHosts are the hosts that the command asked for and may not reach.
type refusedHosts struct {
	mu    sync.Mutex
	hosts map[string]functions.Code // by their entries in the file
	more  bool                      // there were others
}

// add notes a refusal of proxy.Options.Refused.
func (h *refusedHosts) add(host string, port uint16, r *functions.Refusal) {
	if r.Code != functions.EgressDenied && r.Code != functions.PrivateAddress {
		return
	}
	entry := host
	switch _, literal := netip.ParseAddr(host); {
	case r.Code == functions.PrivateAddress:
	case port != 80 && port != 443:
		entry = net.JoinHostPort(host, strconv.Itoa(int(port)))
	case literal == nil && strings.Contains(host, ":"):
		entry = "[" + host + "]"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hosts == nil {
		h.hosts = map[string]functions.Code{}
	}
	if _, known := h.hosts[entry]; !known && len(h.hosts) >= maxRefused {
		h.more = true
		return
	}
	h.hosts[entry] = r.Code
}

// print writes what would permit them, as YAML, and nothing when there are none.
func (h *refusedHosts) print(w io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var allow, private, names []string
	for _, entry := range slices.Sorted(maps.Keys(h.hosts)) {
		_, notLiteral := netip.ParseAddr(entry)
		switch {
		case h.hosts[entry] == functions.EgressDenied:
			allow = append(allow, entry)
		case notLiteral != nil:
			names = append(names, entry)
		default:
			private = append(private, entry)
		}
	}
	if more := ""; len(allow)+len(private) > 0 {
		if h.more {
			more = ", and more"
		}
		say(w, "hint", count(len(h.hosts), "host")+more+" refused. What you mean to permit, add to the configuration:")
		_, _ = io.WriteString(w, "egress:\n"+yamlList("allow", allow)+yamlList("allow_private", private))
	}
	for _, name := range names {
		say(w, "hint", fmt.Sprintf("%s was refused, because its address is not public: add that to egress.allow_private", name))
	}
}

// yamlList is a list of the section egress, "" when it is empty.
func yamlList(key string, entries []string) string {
	if len(entries) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("  " + key + ":\n")
	for _, entry := range entries {
		if strings.ContainsAny(entry, "[]") || strings.Count(entry, ":") > 1 {
			entry = strconv.Quote(entry)
		}
		b.WriteString("    - " + entry + "\n")
	}
	return b.String()
}
