package main

import (
	"strconv"
	"strings"
)

// The Functions of the configuration. Of each pair, one has a schema that needs
// the schema library, for a keyword that a direct check does not know.
const (
	callFunction          = "order"
	callLibraryFunction   = "order_library"
	cachedFunction        = "order_cached"
	cachedLibraryFunction = "order_cached_library"
	secureFunction        = "order_https"
)

// The arguments of every call, and the request that egret makes of them.
const (
	callArguments = `{"customer":"C-1001","sku":"A-1001","quantity":3,"note":"leave it at the door","auth_token":"` + tokenID + `"}`
	callPath      = "/v1/customers/C-1001/orders?expand=items"
	callBody      = `{"sku":"A-1001","quantity":3,"note":"leave it at the door","source":{"name":"bench","version":1}}`
)

// journals are the journals of the egrets that are measured. That of egret itself
// is the default.
var journals = map[string]string{
	egretName:     "{}",
	noJournalName: "{entries: 0}",
	fileName:      "{file: journal.jsonl}",
}

const egretYAML = `listen: LISTEN
admin: ADMIN
state: STATE
journal: JOURNAL

egress:
  allow: ["PLAIN", "BYTES"]

caches:
  - name: bench_token
    id: TOKENID
    ttl: 1h
    hosts: ["NAMED", "SECURE"]
  - name: results
    ttl: 1h

upstreams:
  - host: "SECURE"
    tls: {roots: "${file:ROOTS}"}

tokens:
  - name: bench_jwt
    cache: bench_token
    algorithm: HS256
    key_type: Secret
    key: a-key-of-the-benchmark-0123456789abcdef
    claims: {iss: egret, sub: bench}

functions:
`

const functionYAML = `  - name: NAME
    parameters:
      type: object
      required: [customer, sku, quantity, auth_token]
      additionalProperties: false
      properties:
        customer: {type: string, pattern: "^C-[0-9]+$"}
        sku: {type: string, maxLength: 40}
        quantity: {type: integer, minimum: 1, maximum: 100}
        note: {type: string, maxLength: 200}
        auth_token: {type: string}
EXTRA    url: URL/v1/customers/{/customer}/orders?expand=items
    headers: {Authorization: "Bearer {/auth_token}"}
    json: {sku: </sku>, quantity: </quantity>, note: </note>, source: {name: bench, version: 1}}
`

// libraryKeyword is what makes a schema need the library.
const libraryKeyword = `      dependentRequired: {note: [sku]}
`

// egretConfig is the configuration of the egret that is measured.
func egretConfig(listen, admin, state, journal, roots string, up upstreamHello) string {
	var b strings.Builder
	b.WriteString(egretYAML)
	for _, f := range []struct{ name, extra, url string }{
		{callFunction, "", "http://NAMED"},
		{callLibraryFunction, libraryKeyword, "http://NAMED"},
		{cachedFunction, "    cache: results\n", "http://NAMED"},
		{cachedLibraryFunction, libraryKeyword + "    cache: results\n", "http://NAMED"},
		{secureFunction, "", "https://SECURE"},
	} {
		b.WriteString(strings.NewReplacer("NAME\n", f.name+"\n", "EXTRA", f.extra, "URL", f.url).Replace(functionYAML))
	}
	b.WriteString(largeFunctions())
	return strings.NewReplacer("LISTEN", listen, "ADMIN", admin, "STATE", strconv.Quote(state), "JOURNAL", journal, "TOKENID", tokenID,
		"PLAIN", up.Plain, "NAMED", up.Named, "SECURE", up.Secure, "BYTES", up.Bytes, "ROOTS", roots).Replace(b.String())
}
