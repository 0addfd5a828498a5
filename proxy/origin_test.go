package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLoopbackRule sends what a web page could make a browser send to a
// listener that asks for no key.
func TestLoopbackRule(t *testing.T) {
	e := start(t, acme)
	addr := e.Server.Addr()
	_, port, _ := strings.Cut(addr, ":")
	tests := []struct {
		name   string
		host   string
		fields string
		code   string // "" is 200
	}{
		{"the address", addr, "", ""},
		{"without the port", "127.0.0.1", "", ""},
		{"another loopback address", "127.0.0.2:" + port, "", ""},
		{"localhost", "localhost:" + port, "", ""},
		{"localhost in upper case", "LOCALHOST", "", ""},
		{"localhost with a dot", "localhost.", "", ""},
		{"a name below localhost", "egret.localhost:" + port, "", ""},
		{"IPv6 loopback", "[::1]:" + port, "", ""},
		{"DNS rebinding", "evil.test:" + port, "", "host_rejected"},
		{"a name that contains localhost", "localhost.evil.test", "", "host_rejected"},
		{"a name that ends like localhost", "evillocalhost", "", "host_rejected"},
		{"the address as a prefix", "127.0.0.1.evil.test", "", "host_rejected"},
		{"the address as a number", "2130706433", "", "host_rejected"},
		{"unspecified address", "0.0.0.0:" + port, "", "host_rejected"},
		{"private address", "192.168.0.1", "", "host_rejected"},
		{"empty", "", "", "malformed_request"},
		{"user information", "127.0.0.1@evil.test", "", "host_rejected"},
		{"user information before the address", "evil.test@127.0.0.1", "", "host_rejected"},

		{"own origin", addr, "Origin: http://" + addr, ""},
		{"foreign origin", addr, "Origin: http://evil.test", "host_rejected"},
		{"origin null", addr, "Origin: null", "host_rejected"},
		{"empty origin", addr, "Origin: ", "host_rejected"},
		{"origin on another port", addr, "Origin: http://127.0.0.1:1", "host_rejected"},
		{"two origins", addr, "Origin: http://" + addr + "\r\nOrigin: http://evil.test", "host_rejected"},
		{"own origin, rebound", "evil.test", "Origin: http://evil.test", "host_rejected"},
		{"cross-site", addr, "Sec-Fetch-Site: cross-site", "host_rejected"},
		{"same-site", addr, "Sec-Fetch-Site: same-site", "host_rejected"},
		{"same-origin", addr, "Sec-Fetch-Site: same-origin", ""},
		{"by hand", addr, "Sec-Fetch-Site: none", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := tt.fields
			if fields != "" {
				fields += "\r\n"
			}
			for _, request := range []string{
				fmt.Sprintf("GET /v1/functions HTTP/1.1\r\nHost: %s\r\n%s\r\n", tt.host, fields),
				fmt.Sprintf("POST /v1/functions/stored HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", tt.host, fields),
			} {
				c := e.Connect()
				c.Send(request)
				got := c.Answer("GET")
				if tt.code == "" {
					wantOK(t, got)
				} else if got.Code() != tt.code {
					t.Errorf("got %d %s, want %s", got.Status, got.Body, tt.code)
				}
			}
		})
	}
}

// Who has a key may use any name for egret, but a page of another origin may
// not, key or not.
func TestOriginWithClients(t *testing.T) {
	e := startWithClients(t, acme)
	authorization := "Bearer " + clientKeys["all"]
	c := e.Connect()
	c.Send("GET /v1/functions HTTP/1.1\r\nHost: egret.acme.test\r\nAuthorization: " + authorization + "\r\n\r\n")
	wantOK(t, c.Answer("GET"))
	wantRefusal(t, e.Get(e.URL+"/v1/functions", "Authorization", authorization, "Origin", "http://evil.test"), 403, "host_rejected")
	wantRefusal(t, e.Get(e.URL+"/v1/functions", "Authorization", authorization, "Sec-Fetch-Site", "cross-site"), 403, "host_rejected")
}

// A form and plain text are what a page can send without being asked.
func TestContentType(t *testing.T) {
	e := start(t, acme)
	tests := []struct {
		contentType, body string
		status            int
	}{
		{"application/json", "{}", 200},
		{"application/json; charset=utf-8", "{}", 200},
		{"Application/JSON; charset=\"UTF-8\"", "{}", 200},
		{"", "", 200},
		{"", "{}", 415},
		{"text/plain", "{}", 415},
		{"text/plain", "", 415},
		{"application/x-www-form-urlencoded", "id=1", 415},
		{"multipart/form-data; boundary=x", "--x--", 415},
		{"application/json; charset=utf-16", "{}", 415},
		{"application/json+x", "{}", 415},
		{"application/problem+json", "{}", 415},
		{"application/json, text/plain", "{}", 415},
	}
	for _, tt := range tests {
		t.Run(tt.contentType, func(t *testing.T) {
			var header []string
			if tt.contentType != "" {
				header = []string{"Content-Type", tt.contentType}
			}
			got := e.Do("POST", e.URL+"/v1/functions/stored", tt.body, header...)
			if tt.status == 200 {
				wantOK(t, got)
				return
			}
			wantRefusal(t, got, tt.status, "unsupported_media_type")
		})
	}
	two := e.Do("POST", e.URL+"/v1/functions/stored", "{}", "Content-Type", "application/json", "Content-Type", "text/plain")
	wantRefusal(t, two, 415, "unsupported_media_type")
}
