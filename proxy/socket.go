package proxy

import (
	"errors"
	"net"
	"os"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// writeAtOnce is how much is written under one time limit, and writeLooks how
// often it is seen within it whether the client takes anything.
const (
	writeAtOnce = 64 << 10
	writeLooks  = 4
)

// A socket is what the system gives of a client's connection, beneath TLS where
// there is TLS. It has the time limit of writing, because a write that TLS saw
// fail, be it by a time limit, is the last one: crypto/tls cannot go on in the
// midst of a record.
type socket struct {
	net.Conn
	limits  *configs.Limits
	writeBy time.Time
	end     time.Time // by which all that is written must be out, zero for no such time
	queued  int       // bytes that the client had not taken when it was looked at
}

// Write writes p. It fails when the client takes nothing of it for so long as
// the limit says, not when the whole takes longer.
func (s *socket) Write(p []byte) (int, error) {
	done := 0
	for strikes := 0; ; {
		if err := s.armWrite(); err != nil {
			return done, err
		}
		n, err := s.Conn.Write(p[done:])
		done += n
		switch {
		case err == nil:
			return done, nil
		case !errors.Is(err, os.ErrDeadlineExceeded) || !s.end.IsZero():
			return done, err
		case n > 0 || s.takes():
			strikes = 0
		default:
			if strikes++; strikes == writeLooks {
				return done, err
			}
		}
	}
}

// armWrite sets when to look next whether the client takes anything, unless the
// time that is set will do.
func (s *socket) armWrite() error {
	if !s.end.IsZero() {
		s.writeBy = time.Time{}
		return s.Conn.SetWriteDeadline(s.end)
	}
	step := s.limits.WriteTimeout / writeLooks
	now := time.Now()
	if s.writeBy.Sub(now) >= step {
		return nil
	}
	s.writeBy = now.Add(step + min(step, slack))
	return s.Conn.SetWriteDeadline(s.writeBy)
}

// takes reports whether the client has taken something since it was asked
// before. The system makes room only when much has been taken, so it is asked
// itself.
func (s *socket) takes() bool {
	before := s.queued
	s.queued = queuedFor(s.Conn)
	return s.queued < before
}

// CloseWrite tells the client that nothing more will come.
func (s *socket) CloseWrite() error {
	half, ok := s.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
