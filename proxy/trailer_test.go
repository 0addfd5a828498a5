package proxy_test

import (
	"strings"
	"testing"
)

// What stands behind a body is passed on where it is wanted, if it could not
// have meant anything before the body: RFC 9110 section 6.5.1.
func TestWireTrailer(t *testing.T) {
	p := newTap(t, everywhere)
	const (
		body      = "5\r\nhello\r\n0\r\n"
		forbidden = "Content-Type: text/x\r\nAuthorization: me\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nHost: evil.test\r\nContent-Length: 9\r\n\r\n"
	)
	post := lines("POST http://a.test/ HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Trailer: X-Sum")
	answer := lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum")
	t.Run("of a request", func(t *testing.T) {
		answers, received := p.send(t, post+body+"X-Sum: 1\r\n\r\n")
		if len(received) != 1 || !strings.HasSuffix(received[0], "\r\n\r\n"+body+"X-Sum: 1\r\n\r\n") {
			t.Errorf("the origin received %q, want the body and its trailer; the client was told %q", received, answers)
		}
	})
	t.Run("of a request, with fields that belong before it", func(t *testing.T) {
		_, received := p.send(t, post+body+forbidden)
		for _, text := range received { // to refuse it all is as good
			_, trailer, _ := strings.Cut(text, "hello")
			for _, name := range []string{"Content-Type", "Authorization", "Transfer-Encoding", "Host", "Content-Length"} {
				if strings.Contains(trailer, name) {
					t.Errorf("the origin received %q behind the body", trailer)
				}
			}
		}
	})
	tests := []struct{ name, fields, trailer, want string }{
		{"of an answer, for who wants it", "TE: trailers\r\nConnection: TE\r\n", "X-Sum: 1\r\n\r\n", "0\r\nX-Sum: 1\r\n\r\n"},
		{"of an answer, for who does not", "", "X-Sum: 1\r\n\r\n", "0\r\n\r\n"},
		{"of an answer, with fields that belong before it", "TE: trailers\r\nConnection: TE\r\n", "Set-Cookie: a=b\r\nContent-Type: text/x\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n", "0\r\nX-Sum: 1\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p.answerWith(answer + body + tt.trailer)
			got, _ := p.send(t, "GET http://a.test/ HTTP/1.1\r\nHost: x\r\n"+tt.fields+"\r\n")
			if !strings.HasSuffix(got, "hello\r\n"+tt.want) {
				t.Errorf("got %q, want %q at the end", got, tt.want)
			}
		})
	}
}

// Chunks are egret's own: an extension says nothing to the next connection, and
// is not passed on.
func TestWireChunkExtension(t *testing.T) {
	p := newTap(t, everywhere)
	p.answerWith(lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "5;a=b\r\nhello\r\n0;c\r\n\r\n")
	got, received := p.send(t, lines("POST http://a.test/ HTTP/1.1", "Host: x", "Transfer-Encoding: chunked")+"2;a=b\r\nhe\r\n3;c\r\nllo\r\n0;d\r\n\r\n")
	if len(received) != 1 || strings.Contains(received[0], ";") || !strings.Contains(strings.NewReplacer("\r\n2\r\nhe\r\n3\r\nllo\r\n0", "hello").Replace(received[0]), "hello") {
		t.Errorf("the origin received %q, want the body without extensions", received)
	}
	if strings.Contains(got, ";") || !strings.HasSuffix(got, "5\r\nhello\r\n0\r\n\r\n") {
		t.Errorf("got %q, want the body without extensions", got)
	}
}
