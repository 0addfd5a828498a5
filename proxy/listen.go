package proxy

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/egret-proxy/egret/configs"
)

// Listen opens the listeners, and makes the control plane's key when it has
// none. [Server.Run] does so itself; calling it before tells the addresses.
func (s *Server) Listen() error {
	if s.data != nil {
		return nil
	}
	cfg := s.current.Load().cfg
	data, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on listen=%q: %w", cfg.Listen, err)
	}
	own := []netip.AddrPort{addrOf(data)}
	if cfg.Admin.Listen != "" {
		if s.admin, err = s.listenAdmin(cfg); err != nil {
			return errors.Join(err, data.Close())
		}
		own = append(own, addrOf(s.admin))
	}
	s.data = data
	s.own.Store(&own)
	s.started.Store(cfg)
	return nil
}

func (s *Server) listenAdmin(cfg *configs.Config) (net.Listener, error) {
	var err error
	if s.adminKey, err = adminKey(cfg); err != nil {
		return nil, err
	}
	admin, err := net.Listen("tcp", cfg.Admin.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on admin=%q: %w", cfg.Admin.Listen, err)
	}
	return admin, nil
}

func addrOf(l net.Listener) netip.AddrPort {
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		return addr.AddrPort()
	}
	return netip.AddrPort{}
}

// ownAddresses are the addresses that no request may lead to: first that of
// the data plane. There are none before Listen.
func (s *Server) ownAddresses() []netip.AddrPort {
	if own := s.own.Load(); own != nil {
		return *own
	}
	return nil
}

// Addr is the address of the data plane, "" before [Server.Listen].
func (s *Server) Addr() string { return addrText(s.data) }

// AdminAddr is the address of the control plane, "" without one.
func (s *Server) AdminAddr() string { return addrText(s.admin) }

func addrText(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}
