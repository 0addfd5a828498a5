package proxy

import (
	"errors"
	"io/fs"
	"sync"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	ca "github.com/egret-proxy/egret/proxy/intercept"
)

// An authorityKeeper loads the certificate authority when it is first needed.
type authorityKeeper struct {
	mu     sync.Mutex
	loaded *ca.Authority
}

// authority gives the authority whose certificates the clients of decrypted
// tunnels meet: that of the options, or that of state. One that cannot be loaded
// is tried again the next time.
func (s *Server) authority(state string) (*ca.Authority, error) {
	k := &s.authorities
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded == nil && s.options.Authority != nil {
		k.loaded = s.options.Authority
	}
	if k.loaded != nil {
		return k.loaded, nil
	}
	loaded, err := ca.Load(state)
	if err != nil {
		return nil, &functions.Refusal{Code: functions.Internal, Detail: "egret has no certificate authority", Cause: err}
	}
	k.loaded = loaded
	return loaded, nil
}

// authorityWarning says what clients of decrypted tunnels are going to suffer from:
// that the authority of state ends soon, or cannot be used. It is "" where there is
// nothing to say, or no authority yet.
func authorityWarning(cfg *configs.Config) string {
	if !cfg.Egress.Intercept || cfg.State == "" {
		return ""
	}
	kept, err := ca.Read(cfg.State)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case err != nil:
		return err.Error()
	default:
		return kept.Warning()
	}
}

// warnOfAuthority logs it, unless another authority is used.
func (s *Server) warnOfAuthority(cfg *configs.Config) {
	if s.options.Authority != nil {
		return
	}
	if warning := authorityWarning(cfg); warning != "" {
		s.log.Warn("the certificate authority needs attention", "cause", warning)
	}
}
