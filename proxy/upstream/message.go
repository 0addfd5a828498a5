package upstream

import (
	"github.com/valyala/fasthttp"
	"golang.org/x/net/http/httpguts"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// fill writes req into message. With the special header fields disabled,
// fasthttp keeps the order and the spelling of all of them.
func fill(message *fasthttp.Request, req *Request, up *upload) {
	header := &message.Header
	header.DisableNormalizing()
	header.DisableSpecialHeader()
	header.SetMethod(req.Method)
	header.Add("Host", req.Authority)
	for _, field := range req.Header {
		header.Add(field.Name, field.Value)
	}
	if up != nil {
		message.SetBodyStream(up, int(req.ContentLength))
	}
}

// read makes an Answer of message's header. The error is a refusal.
func read(message *fasthttp.Response) (*Answer, error) {
	header := &message.Header
	answer := &Answer{Status: header.StatusCode(), ContentLength: max(int64(header.ContentLength()), -1)}
	if answer.Status < 200 || answer.Status > 999 {
		return nil, malformed("the upstream answered with a status that was not asked for")
	}
	for name, value := range header.All() {
		field := templates.Field{Name: string(name), Value: string(value)}
		if !httpguts.ValidHeaderFieldName(field.Name) || !httpguts.ValidHeaderFieldValue(field.Value) {
			return nil, malformed("the header of the answer is not well formed")
		}
		answer.Header = append(answer.Header, field)
	}
	return answer, nil
}

func malformed(detail string) *functions.Refusal {
	return &functions.Refusal{Code: functions.UpstreamProtocol, Detail: detail, ProxyError: "http_protocol_error"}
}
