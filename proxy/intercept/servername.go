package intercept

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/egret-proxy/egret/configs"
)

// ErrServerName is a client that wants a TLS connection to another server than
// its tunnel leads to.
var ErrServerName = errors.New("the TLS server name is not the host of the tunnel")

// CheckServerName compares the server name of a client's first message (RFC 6066
// section 3) with the host of its tunnel, which is as [configs.CanonicalHost]
// gives it. The error is [ErrServerName] when they differ. A name that is missing
// passes.
func CheckServerName(name, host string) error {
	if name == "" || name == host {
		return nil
	}
	if canonical, err := configs.CanonicalHost(name); err == nil && canonical == host {
		return nil
	}
	return fmt.Errorf("%w: %.253q is not %q", ErrServerName, name, host)
}

// UnrecognizedName gives the alert of that name (RFC 8446 section 6), which tells a
// client that it names another server: a record of alerts, which looks like one of
// TLS 1.2, with two bytes: fatal, 112.
func UnrecognizedName() []byte { return []byte{21, 3, 3, 0, 2, 2, 112} }

// refuseOther refuses a client that names another server. crypto/tls tells it
// internal_error for any error, whatever went wrong. The right alert goes out
// before that one: a client looks at the first.
func refuseOther(hello *tls.ClientHelloInfo, host string) error {
	err := CheckServerName(hello.ServerName, host)
	if err != nil {
		_, _ = hello.Conn.Write(UnrecognizedName())
	}
	return err
}
