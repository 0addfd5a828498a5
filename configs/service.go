package configs

import (
	"slices"
	"strings"
	"time"
)

// A service is an API that reads JWTs and refuses those that live too long.
type service struct {
	name    string
	host    string // canonical, or *.suffix
	longest time.Duration
}

// services has what their own documents say.
var services = []service{
	{"GitHub", "api.github.com", 10 * time.Minute},
	{"App Store Connect", "api.appstoreconnect.apple.com", 20 * time.Minute},
	{"APNs", "api.push.apple.com", time.Hour},
	{"APNs", "api.sandbox.push.apple.com", time.Hour},
	{"Google", "oauth2.googleapis.com", time.Hour},
	{"Snowflake", "*.snowflakecomputing.com", time.Hour},
	{"Salesforce", "login.salesforce.com", 3 * time.Minute},
	{"Salesforce", "test.salesforce.com", 3 * time.Minute},
	{"DocuSign", "account.docusign.com", time.Hour},
	{"DocuSign", "account-d.docusign.com", time.Hour},
	{"Box", "api.box.com", time.Minute},
	{"Okta", "*.okta.com", time.Hour},
	{"Zoom", "*.zoom.us", 48 * time.Hour},
	{"Twilio", "*.twilio.com", 24 * time.Hour},
}

// namedBy reports whether a pattern names the service, or a part of it.
func (s service) namedBy(patterns []HostPattern) bool {
	suffix, wild := strings.CutPrefix(s.host, "*")
	return slices.ContainsFunc(patterns, func(p HostPattern) bool {
		if wild {
			return strings.HasSuffix(p.host, suffix)
		}
		return p.matchHost(s.host)
	})
}
