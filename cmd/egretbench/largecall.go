package main

import (
	"fmt"
	"strings"
)

// The Functions whose bodies are large: one sends ten long arguments, the other
// selects from a long answer.
const (
	bodyFunction   = "report"
	selectFunction = "order_numbers"
)

// reportPath is where a report is sent, orderListPath where a long answer comes from.
const (
	reportPath    = "/v1/reports"
	orderListPath = "/v1/orders"
)

// reportParts is how many arguments a report has beside the cache ID.
const reportParts = 10

// reportPart is one argument of a report: text as people write it, with what JSON
// escapes.
var reportPart = strings.Repeat("The carrier \\\"Example\\\" left it at the door.\\n", 9)

// reportArguments are the arguments of a report, and reportBody, of 4 KiB, the
// body that egret makes of them.
var (
	reportArguments = `{"auth_token":"` + tokenID + `",` + reportMembers() + `}`
	reportBody      = `{` + reportMembers() + `}`
)

func reportMembers() string {
	members := make([]string, reportParts)
	for i := range members {
		members[i] = fmt.Sprintf(`"part_%d":"%s"`, i, reportPart)
	}
	return strings.Join(members, ",")
}

// selectArguments are those of a call that selects.
const selectArguments = `{"auth_token":"` + tokenID + `"}`

// orderList is an answer of 64 KiB: orders, of which the numbers are wanted.
var orderList = makeOrderList(64 << 10)

func makeOrderList(size int) string {
	var b strings.Builder
	b.WriteString(`{"orders":[`)
	for i := 0; b.Len() < size-200; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		_, _ = fmt.Fprintf(&b, `{"id":"A-%d","state":"shipped","items":%d,"carrier":{"name":"Example","note":"left at the \"door\""}}`, 1000+i, i%7)
	}
	b.WriteString(`],"note":"`)
	b.WriteString(strings.Repeat(".", size-b.Len()-2))
	b.WriteString(`"}`)
	return b.String()
}

// largeFunctions are the entries of the two Functions.
func largeFunctions() string {
	var properties, members strings.Builder
	for i := range reportParts {
		_, _ = fmt.Fprintf(&properties, "        part_%d: {type: string, maxLength: 1000}\n", i)
		_, _ = fmt.Fprintf(&members, "      part_%d: </part_%d>\n", i, i)
	}
	return `  - name: ` + bodyFunction + `
    parameters:
      type: object
      required: [auth_token]
      additionalProperties: false
      properties:
        auth_token: {type: string}
` + properties.String() + `    url: http://NAMED` + reportPath + `
    headers: {Authorization: "Bearer {/auth_token}"}
    json:
` + members.String() + `  - name: ` + selectFunction + `
    parameters:
      type: object
      required: [auth_token]
      additionalProperties: false
      properties: {auth_token: {type: string}}
    url: http://NAMED` + orderListPath + `
    headers: {Authorization: "Bearer {/auth_token}"}
    output: {select: orders.#.id}
`
}
