package proxy

import (
	"crypto/tls"
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
	data, err := listenOn(cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on listen=%q: %w", cfg.Listen.Address, err)
	}
	own := appendAddr(nil, data)
	if cfg.Admin.Listen.Address != "" {
		if s.admin, err = s.listenAdmin(cfg); err != nil {
			return errors.Join(err, data.Close())
		}
		own = appendAddr(own, s.admin)
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
	admin, err := listenOn(cfg.Admin.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on admin=%q: %w", cfg.Admin.Listen.Address, err)
	}
	if cfg.Admin.Listen.TLS != nil {
		admin = &tlsListener{admin, s.adminConfig}
	}
	return admin, nil
}

func listenOn(l configs.Listener) (net.Listener, error) {
	if path := l.Socket(); path != "" {
		return listenUnix(path)
	}
	return net.Listen("tcp", l.Address)
}

// A tlsListener is one of which each connection speaks TLS, with what config
// gives when it is accepted.
type tlsListener struct {
	net.Listener
	config func() *tls.Config
}

// Accept leaves the handshake to who reads from the connection.
func (l *tlsListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(c, l.config()), nil
}

// appendAddr appends the address of a listener. No request can lead to a unix
// socket.
func appendAddr(list []netip.AddrPort, l net.Listener) []netip.AddrPort {
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		return append(list, addr.AddrPort())
	}
	return list
}

// ownAddresses are the addresses that no request may lead to. There are none
// before Listen.
func (s *Server) ownAddresses() []netip.AddrPort {
	if own := s.own.Load(); own != nil {
		return *own
	}
	return nil
}

// Addr is the address of the data plane, host:port or "unix:" and a path. It is
// "" before [Server.Listen].
func (s *Server) Addr() string { return addrText(s.data) }

// AdminAddr is the address of the control plane, "" without one.
func (s *Server) AdminAddr() string { return addrText(s.admin) }

func addrText(l net.Listener) string {
	if l == nil {
		return ""
	}
	if addr, ok := l.Addr().(*net.UnixAddr); ok {
		return "unix:" + addr.Name
	}
	return l.Addr().String()
}
