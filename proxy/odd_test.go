package proxy_test

import (
	"fmt"
	"slices"
	"strings"
)

// oddHeads are header lines that one reader takes for a framing field and
// another does not, or that two readers take for different ones. Most are
// those of the tool smuggler by Evan Custodio.
var oddHeads = slices.Concat(
	framings("Transfer-Encoding", "chunked"),
	framings("Content-Length", "5"),
	oddFramings,
)

// oddFramings are framing fields that are not hidden at all.
var oddFramings = []string{
	"Transfer-Encoding: chunk",
	"Transfer-Encoding: xchunked",
	"Transfer-Encoding: identity",
	"Transfer-Encoding: gzip, chunked",
	"Transfer-Encoding: chunked, identity",
	"Transfer-Encoding: chunked;q=1",
	"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
	"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
	"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
	"Transfer-Encoding:",
	"Content-Encoding: chunked",
	"Content-Length: +5",
	"Content-Length: -5",
	"Content-Length: 0x5",
	"Content-Length: 05",
	"Content-Length: 5, 5",
	"Content-Length: 5,5",
	"Content-Length: 5, 6",
	"Content-Length: 5 6",
	"Content-Length: 5.0",
	"Content-Length: 5e0",
	"Content-Length: 1_0",
	"Content-Length: \u0665",
	"Content-Length: 99999999999999999999",
	"Content-Length: 18446744073709551621",
	"Content-Length: 5\r\nContent-Length: 5",
	"Content-Length: 5\r\nContent-Length: 6",
	"Content-Length: 5\r\nContent_Length: 6",
	"Content-Length:",
	"Content-Length: 5\r\nConnection: Content-Length",
	"Connection: Transfer-Encoding",
	"Connection: Content-Length",
	"Connection: close, X-One\r\nX-One: 1",
	"Trailer: Transfer-Encoding, Content-Length",
	"TE: chunked",
	"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
	"Expect: 100-continue",
	"Expect: 100-Continue, 200-maybe",
}

// oddBytes are what one reader skips as white space and another does not.
const oddBytes = "\x00\x01\x04\x08\t\n\v\f\r\x1f \x7f\xa0\xff"

// framings are all ways of hiding a framing field.
func framings(name, value string) []string {
	return append(hidden(name, value), padded(name, value)...)
}

// hidden are ways of writing a framing field so that one reader sees it.
func hidden(name, value string) []string {
	first, last, _ := strings.Cut(name, "-")
	return []string{
		name + ": " + value,
		" " + name + ": " + value,
		name + "\t:\t" + value,
		first + " " + last + ": " + value,
		first + "_" + last + ": " + value,
		first + last + ": " + value,
		first + "--" + last + ": " + value,
		name + " : " + value,
		name + ":" + value,
		name + ":  " + value,
		name + ": " + value + ", cow",
		name + ": cow, " + value,
		name + ": cow " + value + " bar",
		name + ":\n " + value,
		name + ":\r\n " + value,
		name + ":\r\n\t" + value,
		name + ": \"" + value + "\"",
		name + ": '" + value + "'",
		name + "=" + value,
		name + "; x: " + value,
		strings.ToUpper(name) + ": " + strings.ToUpper(value),
		strings.ToLower(name) + ": " + value,
		name + ": cow\r\n" + name + ": " + value,
		first + "\r-" + last + ": " + value,
		first + "\u2010" + last + ": " + value,
		strings.Replace(name, "n", "\x82", 1) + ": " + value,
		name + ": " + value + "\x96",
		"X: X\r" + name + ": " + value,
		"X: X\n" + name + ": " + value,
		"X: X\r\n\r" + name + ": " + value,
		"X: X\n\r" + name + ": " + value,
		"X: X\r\r\n" + name + ": " + value,
		":" + name + ": " + value,
		"X-" + name + ": " + value,
		name + "\r\n: " + value,
	}
}

// padded are a framing field with one byte too many.
func padded(name, value string) []string {
	var heads []string
	for _, c := range []byte(oddBytes) {
		b := string([]byte{c})
		heads = append(heads,
			name+":"+b+value,
			name+b+": "+value,
			b+name+": "+value,
			name+": "+value+b,
			"X: X"+b+name+": "+value,
			name+": "+value+b+"X: X",
			"X: X\r"+b+name+": "+value,
			"X: X"+b+"\n"+name+": "+value,
			name+": "+value+"\r"+b+"X: X",
			name+": "+value+b+"\nX: X",
		)
	}
	return heads
}

// oddBodies are chunks that two readers could count differently.
var oddBodies = append([]string{
	"5\r\nhello\r\n0\r\n\r\n",
	"5;ext=1\r\nhello\r\n0;last\r\n\r\n",
	"5;a=\"b\r\nhello\r\n0\r\n\r\n\"\r\nhello\r\n0\r\n\r\n",
	"5 ;ext\r\nhello\r\n0\r\n\r\n",
	"5;\nhello\r\n0\r\n\r\n",
	"5;a\nb\r\nhello\r\n0\r\n\r\n",
	"5;a\rb\r\nhello\r\n0\r\n\r\n",
	"5\nhello\n0\n\n",
	"5\r\nhello\n0\r\n\r\n",
	"5\r\nhello0\r\n\r\n",
	"5\r\nhello00\r\n\r\n",
	"5\r\nhello\r0\r\n\r\n",
	"5\r\nhello\r\r\n0\r\n\r\n",
	"5\r\nhello\n\r\n0\r\n\r\n",
	"5\r\nhelloXX0\r\n\r\n",
	"5\r\nhello\r\n0\r\nX: y\r\n\r\n",
	"5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
	"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
	"5\r\nhello\r\n0\r\nHost: evil.test\r\nAuthorization: x\r\n\r\n",
	"5\r\nhello\r\n0\r\nX Y: z\r\n\r\n",
	"5\r\nhello\r\n0\r\nX: y\n\r\n",
	"5\r\nhello\r\n0\r\n X: y\r\n\r\n",
	"5\r\nhello\r\n0\r\n\n",
	"5\r\nhello\r\n0\n\n",
	"5\r\nhello\r\n00000\r\n\r\n",
	"5\r\nhello\r\n0\r\n",
	"5\r\nhello\r\n\r\n0\r\n\r\n",
	"\r\n5\r\nhello\r\n0\r\n\r\n",
	"5\r\r\nhello\r\n0\r\n\r\n",
}, oddSizes()...)

// oddSizes are five bytes, said in other ways.
func oddSizes() []string {
	var bodies []string
	for _, size := range []string{
		"0x5", "0X5", "+5", "-5", " 5", "5 ", "\t5", "5\t", "05", "0000000000000000005", "00000000000000000000000000000000005", "5,", "5.", "5_", "_5", "\u0665", "5h", "5\v", "5\x00", "\"5\"",
		"10000000000000005", "FFFFFFFFFFFFFFFB", "100000005", "", ";", ";5", "five",
	} {
		bodies = append(bodies, fmt.Sprintf("%s\r\nhello\r\n0\r\n\r\n", size))
	}
	return bodies
}

// oddLines are first lines of requests.
var oddLines = []string{
	"GET http://a.test/b?c HTTP/1.1", "GET http://a.test HTTP/1.1", "OPTIONS http://a.test HTTP/1.1", "GET http://a.test?b HTTP/1.0", "get HTTP://A.Test.:80/%2f/../ HTTP/1.1",
	"\r\nGET http://a.test/ HTTP/1.1", "\nGET http://a.test/ HTTP/1.1", "\r\n\r\n\r\nGET http://a.test/ HTTP/1.1", " GET http://a.test/ HTTP/1.1", "GET http://a.test/ HTTP/1.1\nX: y",
	"GET  http://a.test/ HTTP/1.1", "GET http://a.test/  HTTP/1.1", "GET http://a.test/ HTTP/1.1 ", "GET\thttp://a.test/\tHTTP/1.1", "GET http://a.test/\vHTTP/1.1", "GET http://a.test/\r HTTP/1.1",
	"GET http://a.test/ HTTP/1.10", "GET http://a.test/ HTTP/01.1", "GET http://a.test/ HTTP/1.", "GET http://a.test/ HTTP/11", "GET http://a.test/ http/1.1", "GET http://a.test/ HTTP/2.0", "GET http://a.test/", "GET http://a.test/ HTTP/1.1 HTTP/1.1",
	"GET http://a.test/# HTTP/1.1", "GET http://a.test/%zz HTTP/1.1", "GET http://u@a.test/ HTTP/1.1", "GET http://a.test:/ HTTP/1.1", "GET http://a.test:080/ HTTP/1.1", "GET http://[::1]/ HTTP/1.1", "GET http://[::1%25a]/ HTTP/1.1", "GET http://a,b/ HTTP/1.1",
	"GET http:///a HTTP/1.1", "GET http:/a HTTP/1.1", "GET //a.test/ HTTP/1.1", "GET a.test HTTP/1.1", "GET ftp://a.test/ HTTP/1.1", "GET ?http://a.test/ HTTP/1.1", "G\x00T http://a.test/ HTTP/1.1", "(G) http://a.test/ HTTP/1.1", "GET http://a.test/ä HTTP/1.1",
	"CONNECT a.test:443 HTTP/1.1", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1", "TRACE http://a.test/ HTTP/1.1", "HEAD http://a.test/ HTTP/1.1",
}
