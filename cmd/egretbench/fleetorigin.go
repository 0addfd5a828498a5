package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// A fleetOrigin is the API that all Tokens of a fleet are for. It looks at each
// one that it is sent, as an API does: at the claims of all, and at the
// signature of some.
type fleetOrigin struct {
	fleet *fleet
	hosts []string // where it listens

	mu   sync.Mutex
	seen fleetSeen
}

// A fleetSeen is what the origin saw.
type fleetSeen struct {
	Requests int           `json:"requests"`
	Verified int           `json:"verified"` // of them
	Expired  int           `json:"expired"`
	Late     int           `json:"late"`     // with less left than egret hands out
	Wrong    int           `json:"wrong"`    // anything else
	First    string        `json:"first"`    // of the wrong ones
	Least    time.Duration `json:"least_ns"` // the least time left
}

// verifyEvery says of how many tokens the signature is verified: of one. All of
// them would cost more than egret.
const verifyEvery = 16

func startFleetOrigin(f *fleet) (*fleetOrigin, error) {
	o := &fleetOrigin{fleet: f, seen: fleetSeen{Least: time.Hour * 24 * 365}}
	server := &fasthttp.Server{Handler: o.handle, NoDefaultServerHeader: true}
	for range f.settings.Hosts {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go func() { _ = server.Serve(listener) }() // until the process ends
		o.hosts = append(o.hosts, listener.Addr().String())
	}
	return o, nil
}

func (o *fleetOrigin) handle(ctx *fasthttp.RequestCtx) {
	now := time.Now()
	left, err := o.check(ctx.Path(), ctx.Request.Header.Peek("Authorization"), now)
	o.count(left, err)
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusUnauthorized)
	}
	ctx.SetContentType("application/json")
	ctx.SetBodyString(smallAnswer)
}

var errExpired = errors.New("the token is expired")

func (o *fleetOrigin) count(left time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case errors.Is(err, errExpired):
		o.seen.Expired++
	case err != nil:
		o.seen.Wrong++
		if o.seen.First == "" {
			o.seen.First = err.Error()
		}
	default:
		o.seen.Least = min(o.seen.Least, left)
		// exp is in whole seconds, so a second of it may be missing.
		if left < min(o.fleet.settings.TTL/10, 5*time.Second)-time.Second {
			o.seen.Late++
		}
	}
}

// check looks at the token that a request for /NUMBER carries.
func (o *fleetOrigin) check(path, authorization []byte, now time.Time) (left time.Duration, err error) {
	token, isBearer := bytes.CutPrefix(authorization, []byte("Bearer "))
	i, err := strconv.Atoi(string(bytes.TrimPrefix(path, []byte("/"))))
	if err != nil || !isBearer || i < 0 || i >= len(o.fleet.keys) {
		return 0, fmt.Errorf("no token, or an unknown path %q", path)
	}
	dot := bytes.LastIndexByte(token, '.')
	first := bytes.IndexByte(token, '.')
	if first < 0 || dot <= first {
		return 0, fmt.Errorf("not a token, but %d bytes, for %s", len(token), tokenName(i))
	}
	var claims struct {
		Sub      string
		Iat, Exp int64
	}
	payload, err := base64.RawURLEncoding.DecodeString(string(token[first+1 : dot]))
	if err != nil {
		return 0, errors.New("the claims are no base64")
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return 0, errors.New("the claims are no JSON")
	}
	left = time.Unix(claims.Exp, 0).Sub(now)
	switch {
	case claims.Sub != tokenName(i):
		return 0, fmt.Errorf("got the token of %s for %s", claims.Sub, tokenName(i))
	case time.Unix(claims.Iat, 0).After(now.Add(time.Second)):
		return 0, fmt.Errorf("the token of %s is from the future", tokenName(i))
	case left <= 0:
		return 0, errExpired
	}
	if !o.isSample() {
		return left, nil
	}
	signature, err := base64.RawURLEncoding.DecodeString(string(token[dot+1:]))
	if err != nil || !o.fleet.keys[i].verify(token[:dot], signature) {
		return 0, fmt.Errorf("the signature of %s is wrong", tokenName(i))
	}
	return left, nil
}

// isSample counts a request, and chooses whose signature is verified.
func (o *fleetOrigin) isSample() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen.Requests++
	if o.seen.Requests%verifyEvery != 0 {
		return false
	}
	o.seen.Verified++
	return true
}

func (o *fleetOrigin) saw() fleetSeen {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen
}
