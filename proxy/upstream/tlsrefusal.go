package upstream

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// tlsRefusal is the error of a handshake, with the error type of RFC 9209
// section 2.3. What it says of a certificate names no name and no address.
func tlsRefusal(ctx context.Context, below *link, identity *Identity, err error) *functions.Refusal {
	if r := ended(ctx); r != nil {
		return r
	}
	if r := alerted(below, err); r != nil {
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamTLS, Detail: "TLS with the upstream cannot be set up", ProxyError: "tls_protocol_error", Cause: err}
	unverified, isUnverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		r.Code, r.Detail, r.ProxyError = functions.UpstreamTimeout, "the upstream did not set up TLS in time", "connection_timeout"
		r.Loss = functions.Unsent
	case isUnverified:
		r.ProxyError = "tls_certificate_error"
		r.Detail, r.Remedy = unverifiable(unverified, identity)
	case noTLS:
		r.Detail = "the upstream does not speak TLS on this port"
	case strings.Contains(err.Error(), "unsupported protocol version"): // of crypto/tls, which has no type for it
		r.Detail = oldVersion
	case gone(err), errors.Is(err, io.ErrUnexpectedEOF):
		r.Detail, r.Loss = "the upstream closed the connection before TLS was set up", functions.Unsent
	}
	return r
}

// Remedies, as what stands beside the host of an entry of upstreams.
const (
	rootsRemedy  = `tls: {roots: "${file:ca.pem}"}`
	clientRemedy = `tls: {client_cert: "${file:client.pem}", client_key: "${file:client.key}"}`
)

// unverifiable says what is wrong with a certificate. Who has named no roots can
// do something about an authority that is not known.
func unverifiable(err *tls.CertificateVerificationError, identity *Identity) (detail, remedy string) {
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err.Err)
	_, otherHost := errors.AsType[x509.HostnameError](err.Err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err.Err)
	switch {
	case isInvalid && invalid.Reason == x509.Expired && invalid.Cert != nil && time.Now().Before(invalid.Cert.NotBefore):
		return "a certificate of the upstream is not valid yet", ""
	case isInvalid && invalid.Reason == x509.Expired:
		return "a certificate of the upstream has expired", ""
	case isInvalid && invalid.Reason == x509.IncompatibleUsage:
		return "the certificate of the upstream is not one for servers", ""
	case otherHost:
		return "the certificate of the upstream is that of another host", ""
	case !unknown:
		return "the certificate of the upstream cannot be verified", ""
	case identity.roots != nil:
		return "the certificate of the upstream is not by one of the authorities that tls.roots has for it", ""
	case isSelfSigned(err.UnverifiedCertificates):
		return "the certificate of the upstream is signed by itself, and by no authority that is trusted", rootsRemedy
	}
	return "the certificate of the upstream is by an authority that is not trusted", rootsRemedy
}

func isSelfSigned(chain []*x509.Certificate) bool {
	return len(chain) > 0 && bytes.Equal(chain[0].RawIssuer, chain[0].RawSubject)
}

const (
	disagreeing = "the upstream takes no kind of TLS that egret offers"
	oldVersion  = "the upstream speaks neither TLS 1.2 nor TLS 1.3"
	unaccepted  = "the upstream does not accept the certificate of egret"
	demanding   = "the upstream demands a certificate, and there is none for it"
)

// alerts are the alerts of RFC 8446 section 6 that say what the upstream does not
// like. By any other it says only that it ends.
var alerts = map[string]string{
	tls.AlertError(40).Error():  disagreeing, // handshake_failure
	tls.AlertError(42).Error():  unaccepted,  // bad_certificate
	tls.AlertError(43).Error():  unaccepted,  // unsupported_certificate
	tls.AlertError(44).Error():  unaccepted,  // certificate_revoked
	tls.AlertError(45).Error():  unaccepted,  // certificate_expired
	tls.AlertError(46).Error():  unaccepted,  // certificate_unknown
	tls.AlertError(48).Error():  unaccepted,  // unknown_ca
	tls.AlertError(49).Error():  unaccepted,  // access_denied
	tls.AlertError(70).Error():  oldVersion,  // protocol_version
	tls.AlertError(112).Error(): "the upstream knows no host of this name",
	tls.AlertError(116).Error(): demanding, // certificate_required
	tls.AlertError(120).Error(): "the upstream insists on another protocol than HTTP/1.1",
}

// alerted is the refusal of an exchange that the upstream has ended with an alert,
// or nil. With TLS 1.3 an upstream looks at the certificate of its client when that
// takes the handshake for done, so the alert may come in place of an answer. Before
// TLS 1.3 there is no alert of its own for a certificate that is missing.
func alerted(below *link, err error) *functions.Refusal {
	alert, ok := errors.AsType[*net.OpError](err)
	if !ok || alert.Op != "remote error" || alert.Err == nil {
		return nil
	}
	r := &functions.Refusal{Code: functions.UpstreamTLS, ProxyError: "tls_alert_received", Cause: err}
	r.Detail = alerts[alert.Err.Error()]
	if below.asked && (r.Detail == unaccepted || r.Detail == disagreeing) {
		r.Detail = demanding
	}
	switch {
	case r.Detail == demanding:
		r.Remedy = clientRemedy
	case r.Detail == "":
		r.Detail = "the upstream ended TLS with an alert"
	}
	return r
}

// withRemedy writes the entry of upstreams that would permit the request, where an
// error is about what such an entry says.
func (r *Request) withRemedy(err error) error {
	refusal, ok := errors.AsType[*functions.Refusal](err)
	if !ok || refusal.Code != functions.UpstreamTLS || refusal.Remedy == "" {
		return err
	}
	host := r.Shown
	if host == "" {
		host = r.Host
		if r.Port != 443 {
			host = net.JoinHostPort(host, strconv.Itoa(int(r.Port)))
		}
	}
	if strings.ContainsAny(host, "[]") || strings.Count(host, ":") > 1 {
		host = strconv.Quote(host) // YAML would read a list or a mapping
	}
	refusal.Remedy = "upstreams: [{host: " + host + ", " + refusal.Remedy + "}]"
	return refusal
}
