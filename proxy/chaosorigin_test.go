package proxy_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// crossing is how much later than the end of a connection a request may have
// been sent and still not have known of it: the time that the kernel takes to
// carry a byte over loopback when it is busy.
const crossing = 10 * time.Millisecond

// An originConn is a connection to the origin of a storm.
type originConn struct {
	net.Conn
	storm  *storm
	reader *bufio.Reader
	errand errand
	dice   *rand.Rand
	sum    string // of the body that was received

	done    bool // nothing is read from it any more
	spoilt  time.Time
	atOnce  bool // it was spoilt before its answer could be read
	spoiler errand
}

// serveOrigin answers the requests of one connection, each as its errand says.
func (s *storm) serveOrigin(c net.Conn) {
	o := &originConn{Conn: c, storm: s, reader: bufio.NewReader(c)}
	for !o.done {
		request, err := http.ReadRequest(o.reader)
		if err != nil {
			return
		}
		if !o.receive(request) {
			return
		}
	}
}

// receive answers a request; it reports whether the connection goes on.
func (o *originConn) receive(request *http.Request) bool {
	number, err := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/"))
	if err != nil || number < 0 || number >= o.storm.total {
		o.storm.wrong("request", "the origin received %s %s", request.Method, request.RequestURI)
		return false
	}
	e := o.storm.errand(number)
	o.storm.books[number].received.Add(1)
	if !o.spoilt.IsZero() {
		o.cross(e)
		return false
	}
	if key := request.Header.Get("X-Api-Key"); e.swapped && key != staticKey || !e.swapped && key != "" || request.Method != e.method || request.Host != e.host() {
		o.storm.wrong("request", "%v arrived as %s to %s with another key than its own", e, request.Method, request.Host)
	}
	o.errand, o.dice, o.sum = e, rand.New(rand.NewPCG(o.storm.seed+1, uint64(number))), "unknown"
	if e.fault.early {
		e.fault.act(o)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return false // egret gave it up, and its client says why
	}
	if sum(body) != sum(e.uploaded()) {
		o.storm.wrong("request", "of %v the origin received %d bytes that were not sent so", e, len(body))
	}
	if o.sum = sum(body); !e.fault.early {
		e.fault.act(o)
	}
	return true
}

// cross notes a request that came on a connection that had ended. That can
// happen to everyone, unless the request was sent long after.
func (o *originConn) cross(e errand) {
	o.storm.books[e.number].crossed.Store(true)
	o.storm.crossed.Add(1)
	late := time.Unix(0, o.storm.books[e.number].sent.Load()).Sub(o.spoilt)
	if o.atOnce || late > crossing {
		o.storm.wrong("reuse", "%v was sent on a connection that was spoilt %v before, by %v", e, late, o.spoiler)
	}
}

// spoil notes that nothing may come on this connection any more.
func (o *originConn) spoil(atOnce bool) {
	o.spoilt, o.atOnce, o.spoiler = time.Now(), atOnce, o.errand
}

func (o *originConn) say(text string) { _, _ = io.WriteString(o.Conn, text) }

// sayPoisoned writes an answer and what does not belong to it, at once.
func (o *originConn) sayPoisoned(answer, poison string) {
	short := len(answer) < 8<<10 // it arrives with the answer
	if short {
		o.spoil(true)
	}
	o.say(answer + poison)
	if !short {
		o.spoil(false)
	}
}

func (o *originConn) sayBytes(text string) {
	for i := range len(text) {
		o.say(text[i : i+1])
	}
}

func (o *originConn) sayInPieces(text string) {
	for len(text) > 0 {
		n := min(len(text), 1+o.dice.IntN(1+len(text)/3))
		o.say(text[:n])
		text = text[n:]
	}
}

// sayPart writes less than the whole.
func (o *originConn) sayPart(text string) { o.say(text[:o.dice.IntN(len(text))]) }

// sayHeadAndPart writes the head, and less than the whole body.
func (o *originConn) sayHeadAndPart(text string) {
	head := strings.Index(text, "\r\n\r\n") + 4
	o.say(text[:head+o.dice.IntN(len(text)-head)])
}

// wait lets egret put the connection aside, or not.
func (o *originConn) wait() { <-time.After(time.Duration(o.dice.IntN(3000)) * time.Microsecond) }

// end tells egret that nothing more will come, and sees what does.
func (o *originConn) end() {
	_ = o.Conn.(*net.TCPConn).CloseWrite()
	o.spoil(false)
}

func (o *originConn) close() { o.done = true }

func (o *originConn) reset() {
	_ = o.Conn.(*net.TCPConn).SetLinger(0)
	o.done = true
}
