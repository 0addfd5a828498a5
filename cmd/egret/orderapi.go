package main

import (
	"crypto"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// An orderAPI is the demo's upstream: a small service that answers only those
// whose JWT it verified.
type orderAPI struct {
	key crypto.PublicKey

	mu   sync.Mutex
	seen []received
}

// received is what the API noted of a request.
type received struct {
	line          string // method and path
	authorization string
	verdict       string // in words
}

// ServeHTTP answers GET /orders/{id} and GET /echo.
func (a *orderAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	verdict, err := a.verify(r.Header.Get("Authorization"))
	a.mu.Lock()
	a.seen = append(a.seen, received{line: r.Method + " " + r.URL.Path, authorization: r.Header.Get("Authorization"), verdict: verdict})
	a.mu.Unlock()
	id, isOrder := strings.CutPrefix(r.URL.Path, "/orders/")
	switch {
	case err != nil:
		w.Header().Set("WWW-Authenticate", "Bearer")
		answer(w, http.StatusUnauthorized, map[string]any{"error": "the token was not accepted"})
	case isOrder:
		answer(w, http.StatusOK, map[string]any{"order": map[string]any{"id": id, "status": "shipped", "carrier": "Heron Express"}})
	case r.URL.Path == "/echo":
		answer(w, http.StatusOK, map[string]any{"you_sent": r.Header.Get("Authorization")})
	default:
		answer(w, http.StatusNotFound, map[string]any{"error": "no such thing"})
	}
}

// verify checks signature, exp and aud, as any verifier of JWTs does.
func (a *orderAPI) verify(authorization string) (string, error) {
	token, err := jwt.Parse(strings.TrimPrefix(authorization, "Bearer "),
		func(*jwt.Token) (any, error) { return a.key, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience("acme"), jwt.WithExpirationRequired(), jwt.WithStrictDecoding())
	if err != nil {
		return "refused: no valid token", err
	}
	expires, err := token.Claims.GetExpirationTime()
	if err != nil {
		return "refused: no valid token", err
	}
	return "verified: ES256, aud acme, expires in " + time.Until(expires.Time).Round(time.Second).String(), nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// count is how many requests arrived.
func (a *orderAPI) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seen)
}

// last is the latest request.
func (a *orderAPI) last() received {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[len(a.seen)-1]
}
