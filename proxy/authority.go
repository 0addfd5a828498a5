package proxy

import (
	"sync"

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
	if warning := loaded.Warning(); warning != "" {
		s.log.Warn("the certificate authority needs attention", "cause", warning)
	}
	k.loaded = loaded
	return loaded, nil
}
