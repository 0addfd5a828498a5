package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// smuggled is a request that hides in the body of another.
const smuggled = "GET http://a.test/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

// TestSmugglingHeads sends every way of hiding a framing field, alone and next
// to an honest one, with a request where only one of two readers sees a body.
// The origin gets one request, which everybody reads in the same way, or none.
func TestSmugglingHeads(t *testing.T) {
	p := newTap(t, "listen: 127.0.0.1:0\negress: {default: allow}\n")
	body := "0\r\n\r\n" + smuggled
	companions := []string{"", "Content-Length: 5", fmt.Sprintf("Content-Length: %d", len(body)), "Transfer-Encoding: chunked"}
	sent, forwarded := 0, 0
	for _, odd := range oddHeads {
		t.Run(fmt.Sprintf("%q", odd), func(t *testing.T) {
			for _, companion := range companions {
				for _, lines := range orders(odd, companion) {
					for _, method := range []string{"GET", "POST"} {
						request := method + " http://a.test/ HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n" + body
						_, received := p.send(t, request)
						sent, forwarded = sent+1, forwarded+len(received)
						if want := strictly(lines); len(received) > want {
							t.Fatalf("of %q\nthe origin received %d requests, want at most %d: %q", request, len(received), want, received)
						}
						for _, text := range received {
							wantOneReading(t, text)
						}
					}
				}
			}
		})
	}
	t.Logf("%d requests, of which the origin received %d", sent, forwarded)
	if forwarded == 0 || forwarded > sent {
		t.Errorf("of %d requests the origin received %d: the mutations are not what they should be", sent, forwarded)
	}
}

func orders(odd, companion string) []string {
	if companion == "" {
		return []string{odd}
	}
	return []string{odd + "\r\n" + companion, companion + "\r\n" + odd}
}

var (
	strictLine   = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([!-~\\x80-\\xff](?:[ \t!-~\\x80-\\xff]*[!-~\\x80-\\xff])?)?[ \t]*$")
	framingNames = map[string]bool{"transfer-encoding": true, "content-length": true}
)

// strictly is how many requests there are for a reader that takes nothing for
// granted: lines that are not what RFC 9112 says, and two framings, are the end.
func strictly(lines string) int {
	framing, value := "", ""
	for line := range strings.SplitSeq(lines, "\r\n") {
		match := strictLine.FindStringSubmatch(asLatin1(line))
		if match == nil {
			return 0
		}
		name := strings.ToLower(match[1])
		if !framingNames[strings.ReplaceAll(name, "_", "-")] {
			continue
		}
		if framing != "" || !framingNames[name] {
			return 0
		}
		framing, value = name, match[2]
	}
	switch {
	case framing == "":
		return 1 // what follows it begins with 0, which is no request
	case framing == "transfer-encoding" && strings.EqualFold(value, "chunked"), framing == "content-length" && regexp.MustCompile(`^0*5$`).MatchString(value):
		return 2
	case framing == "content-length" && regexp.MustCompile(`^[0-9]{1,15}$`).MatchString(value):
		return 1
	default:
		return 0
	}
}

// asLatin1 gives each byte as a character, so that a pattern can name it.
func asLatin1(text string) string {
	var list []rune
	for _, b := range []byte(text) {
		list = append(list, rune(b))
	}
	return string(list)
}

// wantOneReading checks that what reached the origin on one connection is one
// request, whose framing is stated once, in the plainest way.
func wantOneReading(t *testing.T, text string) {
	t.Helper()
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	framings := 0
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if name = strings.ToLower(name); !framingNames[strings.ReplaceAll(name, "_", "-")] {
			continue
		}
		framings++
		if value != " chunked" && !regexp.MustCompile(`^ [0-9]+$`).MatchString(value) || strings.Contains(name, "_") {
			t.Errorf("the origin received the framing %q in %q", line, text)
		}
	}
	if framings > 1 || strings.ContainsAny(strings.ReplaceAll(head, "\r\n", ""), "\r\n\x00") {
		t.Errorf("the origin received a head that can be read in two ways: %q", text)
	}
	readOne(t, text)
}

// TestSmugglingChunks sends chunks that two readers count differently. What is
// not exactly as RFC 9112 section 7.1 says never becomes a whole request.
func TestSmugglingChunks(t *testing.T) {
	p := newTap(t, "listen: 127.0.0.1:0\negress: {default: allow}\n")
	for _, body := range oddBodies {
		t.Run(fmt.Sprintf("%q", body), func(t *testing.T) {
			answers, received := p.send(t, "POST http://a.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"+body+smuggled)
			wholes := 0
			for _, text := range received {
				if got := readOne(t, text); got != nil && !got.cut {
					wholes++
					wantPlainTrailer(t, got.Trailer)
				}
			}
			want := 2
			if chunks := exactChunks.FindString(body); chunks == "" {
				want = 0
			} else if chunks != body {
				want = 1 // and then something that is no request
			}
			if wholes != 0 && wholes != want || wholes == 0 && plainChunks[body] {
				t.Errorf("the origin received %d whole requests, want %d: %q; the client was told %q", wholes, want, received, answers)
			}
		})
	}
}

// wantPlainTrailer checks that nothing came behind a body that would have meant
// something before it.
func wantPlainTrailer(t *testing.T, trailer http.Header) {
	t.Helper()
	for name := range trailer {
		if name != "X" {
			t.Errorf("the origin received %s behind the body", name)
		}
	}
}

// plainChunks are bodies that nobody may refuse.
var plainChunks = map[string]bool{
	"5\r\nhello\r\n0\r\n\r\n": true, "5;ext=1\r\nhello\r\n0;last\r\n\r\n": true, "5\r\nhello\r\n0\r\nX: y\r\n\r\n": true, "05\r\nhello\r\n0\r\n\r\n": true,
}

// exactChunks are five bytes in chunks. A quoted value of an extension ends with
// its line: no quoted string holds a line end.
var exactChunks = regexp.MustCompile("^0*5[ \t]*(;[^\r\n]*)?\r\nhello\r\n0+(;[^\r\n]*)?\r\n([!#-'*+.^-z|~0-9A-Z-]+:[^\r\n]*\r\n)*\r\n")

// TestSmugglingAnswers reads answers that two readers delimit differently. The
// client gets a problem, or an answer that breaks off.
func TestSmugglingAnswers(t *testing.T) {
	p := newTap(t, "listen: 127.0.0.1:0\negress: {default: allow}\n")
	for _, tt := range oddAnswers {
		t.Run(tt.name, func(t *testing.T) {
			p.answerWith(tt.answer)
			got, _ := p.send(t, "GET http://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n")
			response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got)), nil)
			if err != nil {
				t.Fatalf("got %q, want a problem or the beginning of an answer: %v", got, err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusBadGateway && err == nil {
				t.Errorf("got status %d and a body %q that looks whole, want 502 or a broken connection", response.StatusCode, body)
			}
			if response.StatusCode != http.StatusBadGateway && tt.inHead {
				t.Errorf("got status %d, want 502", response.StatusCode)
			}
		})
	}
}
