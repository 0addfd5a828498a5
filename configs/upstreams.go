package configs

import (
	"fmt"
	"strings"
)

// checkUpstreams looks for entries that never count, because one before them names
// all of their hosts.
func (d *decoder) checkUpstreams() {
	named := map[HostPattern]string{} // the path of the first
	for i := range d.cfg.Upstreams {
		u := &d.cfg.Upstreams[i]
		if u.Host.Key() == "" {
			continue // it could not be read
		}
		for _, other := range u.Host.covering() {
			if first, ok := named[other]; ok {
				d.elsewhere(below(u.Path, "host"), fmt.Sprintf("%s names all of these hosts already", d.sources.show(first, u.Path)), "put this entry before it, or leave it out")
				break
			}
		}
		if _, ok := named[u.Host]; !ok {
			named[u.Host] = u.Path
		}
	}
}

// covering lists the patterns that name every host that p names, p among them.
func (p HostPattern) covering() []HostPattern {
	ports := []HostPattern{p}
	if p.kind == onePort && (p.port == 443 || p.port == 80) {
		ports = append(ports, HostPattern{kind: webPorts})
	}
	if p.kind != anyPort {
		ports = append(ports, HostPattern{kind: anyPort})
	}
	var list []HostPattern
	for _, host := range p.above() {
		for _, port := range ports {
			host.port, host.kind = port.port, port.kind
			list = append(list, host)
		}
	}
	return list
}

// above lists p and each *.suffix that has its names below.
func (p HostPattern) above() []HostPattern {
	list := []HostPattern{p}
	if p.ip {
		return list
	}
	for at := 1; at < len(p.host); at++ {
		dot := strings.IndexByte(p.host[at:], '.')
		if dot < 0 {
			break
		}
		at += dot
		list = append(list, HostPattern{host: p.host[at:], wild: true})
	}
	return list
}
