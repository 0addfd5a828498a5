package proxy

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net"
	"net/http"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// controlPlane serves operators: health, metrics, and behind the admin key all
// that comes beside.
func (s *Server) controlPlane() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { yesOrNo(w, true) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metricsAccess(s.metrics.handler()))
	mux.Handle("GET /api/log", s.needsKey(http.HandlerFunc(s.serveLog)))
	mux.Handle("PUT /api/log", s.needsKey(http.HandlerFunc(s.setLog)))
	mux.Handle("POST /api/check", s.needsKey(http.HandlerFunc(s.serveCompare)))
	mux.Handle("GET /api/journal", s.needsKey(http.HandlerFunc(s.serveJournal)))
	mux.Handle("/", s.needsKey(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, functions.Refuse(functions.NotFound, "there is nothing here"))
	})))
	return s.ownHostOnly(mux)
}

// yesOrNo answers a health check, with no word more.
func yesOrNo(w http.ResponseWriter, yes bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !yes {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "no\n")
		return
	}
	_, _ = io.WriteString(w, "yes\n")
}

// readyz says yes when every token cache has been tried; with ?strict, when
// every one is warm.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ready := s.refresher.Tried
	if r.URL.Query().Has("strict") {
		ready = s.refresher.Warm
	}
	yesOrNo(w, !s.draining.Load() && ready())
}

// ownHostOnly refuses, on a loopback listener, requests for another host: a web
// page could have sent them by DNS rebinding.
func (s *Server) ownHostOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.adminOnLoopback() && !isOwnHost(r.Host, s.AdminAddr()) {
			writeProblem(w, functions.Refuse(functions.HostRejected, "the Host field names another host than this listener"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) adminOnLoopback() bool {
	return s.admin != nil && isLocal(s.admin.Addr())
}

// isLocal reports whether only this machine can reach an address.
func isLocal(addr net.Addr) bool {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().IsLoopback()
	}
	return true // a unix socket
}

// metricsAccess asks for the key only beyond loopback.
func (s *Server) metricsAccess(next http.Handler) http.Handler {
	protected := s.needsKey(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.adminOnLoopback() {
			next.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// needsKey asks for the admin key: Authorization: Bearer KEY.
func (s *Server) needsKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields := r.Header.Values("Authorization")
		scheme, key, ok := credentials([]byte(r.Header.Get("Authorization")), len(fields))
		given, want := sha256.Sum256(key), sha256.Sum256([]byte(s.adminKey.Reveal()))
		if !ok || !wire.EqualFold(scheme, "bearer") || subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
			writeProblem(w, functions.Refuse(functions.Unauthenticated, "the admin key is needed: Authorization: Bearer KEY"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // there is nobody else to tell
}

// writeProblem answers with a refusal.
func writeProblem(w http.ResponseWriter, r *functions.Refusal) {
	status := statusOf(r, other)
	if r.Code == functions.Unauthenticated {
		name, values := challenges(other)
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Proxy-Status", proxyStatus(r))
	w.WriteHeader(status)
	_, _ = w.Write(problemBody(r, status))
}
