package functions

import "time"

// A Code names why egret refused, or could not finish, a request. The codes are
// part of the HTTP surface and never change their meaning.
type Code string

// The codes, in the order of the HTTP status that proxy gives them.
const (
	MalformedRequest     Code = "malformed_request"
	Unauthenticated      Code = "unauthenticated"
	FunctionDenied       Code = "function_denied"
	CacheDenied          Code = "cache_denied"
	CacheHostDenied      Code = "cache_host_denied"
	SurfaceDenied        Code = "surface_denied"
	CleartextDenied      Code = "cleartext_denied"
	EgressDenied         Code = "egress_denied"
	PrivateAddress       Code = "private_address"
	HostRejected         Code = "host_rejected"
	UnknownFunction      Code = "unknown_function"
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	RequestTimeout       Code = "request_timeout"
	BodyTooLarge         Code = "body_too_large"
	UnsupportedMediaType Code = "unsupported_media_type"
	HeadersTooLarge      Code = "headers_too_large"
	InvalidArguments     Code = "invalid_arguments"
	MissingArgument      Code = "missing_argument"
	UnsafeValue          Code = "unsafe_value"
	TooManyRequests      Code = "too_many_requests"
	Internal             Code = "internal"
	NotImplemented       Code = "not_implemented"
	VersionNotSupported  Code = "version_not_supported"
	UpstreamUnreachable  Code = "upstream_unreachable"
	UpstreamTLS          Code = "upstream_tls"
	UpstreamProtocol     Code = "upstream_protocol"
	UpstreamTooLarge     Code = "upstream_too_large"
	TokenUnavailable     Code = "token_unavailable"
	CacheEmpty           Code = "cache_empty"
	CircuitOpen          Code = "circuit_open"
	Draining             Code = "draining"
	UpstreamTimeout      Code = "upstream_timeout"
	NotCached            Code = "not_cached"
	Loop                 Code = "loop"
)

// A Refusal is the error of a request that egret did not perform, or that the
// upstream did not answer. Its texts name things (a cache, a Function, a
// pointer), never values, so they may be shown to the caller.
type Refusal struct {
	Code   Code
	Detail string // a sentence for the caller
	// Errors lists what is wrong with the arguments, one entry for each place.
	Errors []ArgumentError
	// Remedy is the YAML that would permit the request, or "".
	Remedy string
	// Rule is the line of the configuration that decided, as problems name it
	// ("caches[2].hosts"), or "". It is for records, not for the caller.
	Rule string
	// ProxyError is the error type of RFC 9209 section 2.3 when it is known
	// more exactly than Code tells, such as "dns_error".
	ProxyError string
	// Loss says whether the request may bring an answer another time.
	Loss Loss
	// RetryAfter is when the request may be worth another try: of TooManyRequests
	// and CircuitOpen, 0 when that is not known.
	RetryAfter time.Duration
	// Scope is, of TooManyRequests, what the limit is about, "" for one of all
	// requests.
	Scope Scope
	// Cause is for the log of the operator, never for the caller. It holds no
	// value either.
	Cause error
}

// An ArgumentError is one problem of the arguments.
type ArgumentError struct {
	Pointer string `json:"pointer"` // RFC 6901, "" is the whole document
	Keyword string `json:"keyword"` // of JSON Schema, "fixed", "size", "depth", "allowed_from" or "unsafe"
	Detail  string `json:"detail"`
}

// Refuse makes a Refusal.
func Refuse(code Code, detail string) *Refusal { return &Refusal{Code: code, Detail: detail} }

// By names the line of the configuration that decided, and gives r.
func (r *Refusal) By(rule string) *Refusal {
	r.Rule = rule
	return r
}

func (r *Refusal) Error() string {
	if r.Cause != nil {
		return string(r.Code) + ": " + r.Detail + ": " + r.Cause.Error()
	}
	return string(r.Code) + ": " + r.Detail
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }
