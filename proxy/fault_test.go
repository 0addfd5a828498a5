package proxy_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// An ending is how an answer may reach the client.
type ending int

const (
	whole   ending = 1 << iota // as it was sent, to its end
	refused                    // a problem of egret, instead of it
	broken                     // its beginning, and then the end of the connection
)

// A fault is a way in which an origin answers, and what a client may see of it.
type fault struct {
	name      string
	want      ending
	act       func(*originConn)
	early     bool // it answers before it reads the body
	empty     bool // its answer has no body, whatever the method
	onlyHead  bool // it makes sense for HEAD only
	needsBody bool // it makes no sense for HEAD
	small     bool // it is slow
}

func pickFault(dice *rand.Rand) *fault {
	if dice.IntN(3) == 0 {
		return &faults[dice.IntN(2)] // what origins mostly do
	}
	return &faults[dice.IntN(len(faults))]
}

var faults = []fault{
	{name: "gives a length", want: whole, act: func(o *originConn) { o.say(o.withLength()) }},
	{name: "gives chunks", want: whole, act: func(o *originConn) { o.say(o.withChunks("")) }},

	{name: "gives chunks and a trailer", want: whole, act: func(o *originConn) { o.say(o.withChunks("X-Trailer: 1\r\n")) }},
	{name: "writes in pieces", want: whole, act: func(o *originConn) { o.sayInPieces(o.withChunks("")) }},
	{name: "writes byte by byte", want: whole, small: true, act: func(o *originConn) { o.sayBytes(o.withLength()) }},
	{name: "ends with the connection", want: whole, act: func(o *originConn) {
		o.say(o.head("Connection: close\r\n") + o.body())
		o.close()
	}},
	{name: "speaks HTTP/1.0", want: whole, act: func(o *originConn) {
		o.say(strings.Replace(o.withLength(), "HTTP/1.1", "HTTP/1.0", 1))
		o.close()
	}},
	{name: "hints twice", want: whole, act: func(o *originConn) {
		const hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		o.say(hint)
		o.say(hint + o.withLength())
	}},
	{name: "says that it works on it", want: whole, act: func(o *originConn) { o.say("HTTP/1.1 102 Processing\r\n\r\n" + o.withChunks("")) }},
	{name: "says 100 unasked", want: whole, act: func(o *originConn) { o.say("HTTP/1.1 100 Continue\r\n\r\n" + o.withLength()) }},
	{name: "answers before the body came", want: whole, early: true, act: func(o *originConn) { o.say(o.withLength()) }},
	{name: "has nothing to say", want: whole, empty: true, act: func(o *originConn) { o.say(o.headOf("204 No Content", "")) }},
	{name: "says that nothing changed", want: whole, empty: true, act: func(o *originConn) { o.say(o.headOf("304 Not Modified", "Content-Length: 5\r\n")) }},
	{name: "has a long head", want: whole, act: func(o *originConn) {
		o.say(strings.Replace(o.withLength(), "X-Nonce", "X-Long: "+strings.Repeat("l", 6<<10)+"\r\nX-Nonce", 1))
	}},

	{name: "says close and stays open", want: whole, act: func(o *originConn) {
		o.spoil(true)
		o.say(strings.Replace(o.withLength(), "\r\n", "\r\nConnection: close\r\n", 1))
	}},
	{name: "adds an answer at once", want: whole, act: func(o *originConn) { o.sayPoisoned(o.withLength(), poison) }},
	{name: "adds an answer to chunks", want: whole, act: func(o *originConn) { o.sayPoisoned(o.withChunks(""), poison) }},
	{name: "adds junk at once", want: whole, act: func(o *originConn) { o.sayPoisoned(o.withLength(), "junk") }},
	{name: "adds one line end", want: whole, act: func(o *originConn) { o.sayPoisoned(o.withLength(), "\r\n") }},
	{name: "gives 204 a body", want: whole, empty: true, act: func(o *originConn) { o.sayPoisoned(o.headOf("204 No Content", ""), "hello") }},
	{name: "gives HEAD a body", want: whole, onlyHead: true, act: func(o *originConn) { o.sayPoisoned(o.withLength(), poison) }},
	{name: "adds an answer later", want: whole, act: func(o *originConn) {
		o.say(o.withLength())
		o.wait()
		o.say(poison)
		o.spoil(false)
	}},
	{name: "closes after its answer", want: whole, act: func(o *originConn) {
		o.say(o.withLength())
		o.end()
	}},
	{name: "closes a while after its answer", want: whole, act: func(o *originConn) {
		o.say(o.withChunks(""))
		o.wait()
		o.end()
	}},

	{name: "switches protocols unasked", want: refused, act: func(o *originConn) {
		o.spoil(true)
		o.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
	}},
	{name: "closes instead", want: refused, act: func(o *originConn) { o.close() }},
	{name: "resets instead", want: refused, act: func(o *originConn) { o.reset() }},
	{name: "closes in the head", want: refused, act: func(o *originConn) { o.sayPart(o.head("")); o.close() }},
	{name: "resets in the head", want: refused, act: func(o *originConn) { o.sayPart(o.head("")); o.reset() }},
	{name: "speaks another language", want: refused, act: func(o *originConn) { o.say("SSH-2.0-OpenSSH_9.6\r\n\r\n"); o.close() }},
	{name: "has an endless head", want: refused, act: func(o *originConn) {
		o.say("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("l", 300<<10) + "\r\n\r\n")
		o.close()
	}},
	{name: "has two lengths", want: refused, needsBody: true, act: func(o *originConn) {
		o.say(strings.Replace(o.withLength(), "Content-Length", "Content-Length: 1\r\nContent-Length", 1))
		o.close()
	}},
	{name: "has two framings", want: refused, needsBody: true, act: func(o *originConn) {
		o.say(strings.Replace(o.withChunks(""), "Transfer-Encoding", "Content-Length: 1\r\nTransfer-Encoding", 1))
		o.close()
	}},

	{name: "closes in the body", want: refused | broken, needsBody: true, act: func(o *originConn) { o.sayHeadAndPart(o.withLength()); o.close() }},
	{name: "resets in the body", want: refused | broken, needsBody: true, act: func(o *originConn) { o.sayHeadAndPart(o.withLength()); o.reset() }},
	{name: "closes in a chunk", want: refused | broken, needsBody: true, act: func(o *originConn) { o.sayHeadAndPart(o.withChunks("")); o.close() }},
	{name: "closes between chunks", want: refused | broken, needsBody: true, act: func(o *originConn) {
		o.say(strings.TrimSuffix(o.withChunks(""), "0\r\n\r\n"))
		o.close()
	}},
	{name: "closes in the last chunk", want: refused | broken, needsBody: true, act: func(o *originConn) {
		o.say(strings.TrimSuffix(o.withChunks(""), "\r\n"))
		o.close()
	}},
	{name: "closes in the trailer", want: refused | broken, needsBody: true, act: func(o *originConn) {
		o.say(strings.TrimSuffix(o.withChunks("X-Trailer: 1\r\n"), ": 1\r\n\r\n"))
		o.close()
	}},
	{name: "has a chunk that is none", want: refused | broken, needsBody: true, act: func(o *originConn) {
		o.say(strings.TrimSuffix(o.withChunks(""), "0\r\n\r\n") + "0x1\r\nx\r\n0\r\n\r\n")
		o.close()
	}},
}

// poison is an answer to nobody.
const poison = "HTTP/1.1 200 OK\r\nX-Nonce: poison\r\nContent-Length: 6\r\n\r\npoison"

// head is the head of an answer but for its framing, which fields give.
func (o *originConn) head(fields string) string { return o.headOf("200 OK", fields) }

func (o *originConn) headOf(status, fields string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nX-Nonce: %s\r\nX-Received: %s\r\nContent-Type: application/octet-stream\r\n%s\r\n", status, o.errand.nonce(), o.sum, fields)
}

// body is what follows the head, nothing for HEAD.
func (o *originConn) body() string {
	if o.errand.method == "HEAD" {
		return ""
	}
	return string(o.errand.body(staticKey))
}

func (o *originConn) withLength() string {
	return o.head(fmt.Sprintf("Content-Length: %d\r\n", len(o.errand.body(staticKey)))) + o.body()
}

func (o *originConn) withChunks(trailer string) string {
	head := o.head("Transfer-Encoding: chunked\r\n")
	if o.errand.method == "HEAD" {
		return head
	}
	return head + inChunks([]byte(o.body()), o.dice) + "0\r\n" + trailer + "\r\n"
}

// inChunks cuts a body into some chunks, without the last one.
func inChunks(body []byte, dice *rand.Rand) string {
	var text bytes.Buffer
	for len(body) > 0 {
		n := min(len(body), 1+dice.IntN(16<<10))
		fmt.Fprintf(&text, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return text.String()
}
