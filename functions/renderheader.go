package functions

import (
	"encoding/base64"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// The fields of every request, when its Function does not give them.
const (
	acceptField    = "Accept"
	userAgentField = "User-Agent"

	// acceptAny prefers what callers get as JSON, and refuses nothing.
	acceptAny = "application/json, */*;q=0.9"
	// acceptIdentity asks for an answer that can be read and scrubbed. No
	// Function can ask for another.
	acceptIdentity = "Accept-Encoding: identity\r\n"
	// idempotencyField is draft-ietf-httpapi-idempotency-key-header section 2.1.
	idempotencyField = "Idempotency-Key"
	// generated is shown in the place of an ID that each call has of its own.
	generated = "(generated)"
)

// renderHeader renders the fields of the Function in the order of the file, and
// after them those that every request has.
func (p *prepared) renderHeader(arguments templates.Arguments) (err error) {
	p.header = p.header[:0]
	hasAccept, hasAgent := false, p.set.options.Agent == ""
	for _, header := range p.function.headers {
		before := len(p.header)
		if p.header, err = header.AppendLines(p.header, arguments); err != nil {
			return renderRefusal(err)
		}
		switch {
		case len(p.header) == before:
		case header.IsBasic():
			p.hideCredentials(header, p.header[before:], arguments)
		case strings.EqualFold(header.Name(), acceptField):
			hasAccept = true
		case strings.EqualFold(header.Name(), userAgentField):
			hasAgent = true
		}
	}
	if p.function.config.IdempotencyKey {
		p.appendIdempotencyKey(arguments)
	}
	if !hasAccept {
		p.header = AppendLine(p.header, acceptField, acceptAny)
	}
	if !hasAgent {
		p.header = AppendLine(p.header, userAgentField, p.set.options.Agent)
	}
	p.header = append(p.header, acceptIdentity...)
	p.request.Header = p.header
	return nil
}

// appendIdempotencyKey appends the key of the call, which is the same each time
// that its request is rendered.
func (p *prepared) appendIdempotencyKey(arguments templates.Arguments) {
	if arguments.Shown() {
		p.header = AppendLine(p.header, idempotencyField, generated)
		return
	}
	if p.idempotencyKey == (configs.ID{}) {
		p.idempotencyKey = randomID()
	}
	p.header = append(append(p.header, idempotencyField...), ": "...)
	p.header = append(appendID(p.header, p.idempotencyKey), "\r\n"...)
}

// hideCredentials notes the credentials of a line as they were sent when there is
// a secret in them: an upstream that echoes them would show it in base64.
func (p *prepared) hideCredentials(header *templates.Header, line []byte, arguments templates.Arguments) {
	with := p.standInOf(header)
	if arguments.Shown() || with == "" {
		return
	}
	_, encoded, _ := strings.Cut(strings.TrimSuffix(string(line), "\r\n"), " Basic ")
	p.parts = append(p.parts, Hidden{Value: configs.NewSecret(encoded), With: with})
	if bare := strings.TrimRight(encoded, string(base64.StdPadding)); bare != encoded {
		p.parts = append(p.parts, Hidden{Value: configs.NewSecret(bare), With: with})
	}
}

// standInOf is what stands for Basic credentials: the ID of a cache in them, or
// that they are configured. It is "" when there is no secret in them.
func (p *prepared) standInOf(header *templates.Header) string {
	for _, r := range p.references {
		if e := r.place.escaping; e == templates.BasicUser || e == templates.BasicPassword {
			return p.set.index.Text(r.cache.ID)
		}
	}
	if header.Configured() {
		return configuredText
	}
	return ""
}
