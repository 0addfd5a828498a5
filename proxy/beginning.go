package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/egret-proxy/egret/functions"
	ca "github.com/egret-proxy/egret/proxy/intercept"
)

// A beginning is how a tunnel begins that is not decrypted: what the client sends
// first, unless the server speaks first, decides what becomes of it.
type beginning struct {
	to      *target
	onlyTLS bool
	header  time.Duration // how long what began may take to be understood
	most    int           // bytes of it

	state   beginningState // under the lock of the relay
	refusal *functions.Refusal
	alert   []byte // for the client
}

// A beginningState is what was decided.
type beginningState uint8

const (
	noBeginning      beginningState = iota
	opaqueBeginning                 // whatever it is, it passes
	tlsBeginning                    // a ClientHello is coming
	httpBeginning                   // egret reads the requests
	refusedBeginning                // it is over
)

// decide decides, if nobody has, and gives what was decided.
func (r *relay) decide(state beginningState) beginningState {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.beginning
	if b.state == noBeginning || b.state == tlsBeginning && state == refusedBeginning {
		b.state = state
	}
	return b.state
}

// refuseBeginning ends the tunnel, unless it is too late for that.
func (r *relay) refuseBeginning(refusal *functions.Refusal, alert []byte) {
	if r.decide(refusedBeginning) == refusedBeginning {
		r.beginning.refusal, r.beginning.alert = refusal, alert
	}
}

// first reads what the client sends first, until it is clear what that is. It
// reports false when nothing of it is passed on.
func (r *relay) first(text []byte) ([]byte, bool) {
	for {
		switch protocolOf(text) {
		case unclearProtocol:
			more, err := r.readMore(len(text) > 0)
			text = append(text, more...)
			switch {
			case r.decided() == opaqueBeginning:
				return text, true // the server has spoken meanwhile
			case errors.Is(err, os.ErrDeadlineExceeded) && !r.aborted.Load():
				return text, r.passOpaque()
			case err != nil && !errors.Is(err, io.EOF):
				return nil, false
			case err != nil:
				return text, r.passOpaque()
			case len(text) > r.beginning.most:
				return text, r.passOpaque()
			}
		case tlsProtocol:
			if r.decide(tlsBeginning) != tlsBeginning {
				return text, r.decided() == opaqueBeginning
			}
			return r.firstHello(text)
		case httpProtocol:
			if r.decide(httpBeginning) == opaqueBeginning {
				return text, true
			}
			r.conn.inlet.ahead = text
			return nil, false
		default:
			return text, r.passOpaque()
		}
	}
}

// readMore reads from the client, for as long as a head may take if something
// has come already.
func (r *relay) readMore(begun bool) ([]byte, error) {
	if begun {
		r.waitFor(r.conn.Conn, time.Now().Add(r.beginning.header))
		defer r.waitFor(r.conn.Conn, time.Time{})
	}
	buffer := make([]byte, 2<<10)
	n, err := clientReader{r}.Read(buffer)
	if n > 0 {
		err = nil // it will come again
	}
	return buffer[:n], err
}

// A clientReader reads what the client of a relay sends.
type clientReader struct{ *relay }

func (c clientReader) Read(p []byte) (int, error) {
	n, err := c.conn.Conn.Read(p)
	c.conn.received.Add(int64(n))
	c.moved.Add(int64(n))
	return n, err
}

func (r *relay) decided() beginningState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beginning.state
}

// passOpaque reports whether the tunnel is one through which anything passes.
func (r *relay) passOpaque() bool {
	if r.beginning.onlyTLS {
		r.refuseBeginning(errOnlyTLS, nil)
	}
	return r.decide(opaqueBeginning) == opaqueBeginning
}

var errOnlyTLS = functions.Refuse(functions.EgressDenied, "nothing but TLS is permitted in the tunnel")

// firstHello reads the first message of TLS to its end. It goes on unchanged if
// it names the host of the tunnel, or no host where that is an address.
func (r *relay) firstHello(text []byte) ([]byte, bool) {
	r.waitFor(r.conn.Conn, time.Now().Add(r.beginning.header))
	defer r.waitFor(r.conn.Conn, time.Time{})
	name, hello, err := ca.PeekServerName(io.MultiReader(bytes.NewReader(text), clientReader{r}))
	var broken net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && !r.aborted.Load():
		r.refuseBeginning(functions.Refuse(functions.RequestTimeout, "the TLS client did not introduce itself in time"), nil)
	case errors.Is(err, io.EOF), errors.As(err, &broken):
		return nil, false
	case err != nil:
		r.refuseBeginning(functions.Refuse(functions.MalformedRequest, "what is in the tunnel begins like TLS, and is none"), nil)
	case name == "" && !isAddress(r.beginning.to.host), ca.CheckServerName(name, r.beginning.to.host) != nil:
		r.refuseBeginning(errOtherName, ca.UnrecognizedName())
	default:
		return hello, true
	}
	return nil, false
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// listen reads what the server sends first. It reports false when the client's
// first words have ended the tunnel.
func (r *relay) listen() ([]byte, bool) {
	buffer := make([]byte, 2<<10)
	n, err := r.upstream.Read(buffer)
	r.moved.Add(int64(n))
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, false
	}
	if r.beginning.onlyTLS && r.decided() == noBeginning {
		r.refuseBeginning(errOnlyTLS, nil)
	}
	state := r.decide(opaqueBeginning)
	return buffer[:n], state == opaqueBeginning || state == tlsBeginning
}
