package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/wire"
)

func TestProtocols(t *testing.T) {
	const meant = "Connection: Upgrade\r\n"
	for _, test := range []struct {
		name, head string
		want       []string
	}{
		{"one", meant + "Upgrade: websocket\r\n", []string{"websocket"}},
		{"as it is spelled", meant + "upgrade: WebSocket\r\n", []string{"WebSocket"}},
		{"several, on two lines", meant + "Upgrade: SPDY/3.1, ,a\r\nUpgrade: tcp ,\r\n", []string{"SPDY/3.1", "a", "tcp"}},
		{"meant by a second line", "Connection: keep-alive\r\nConnection: close, UPGRADE\r\nUpgrade: x\r\n", []string{"x"}},
		{"not meant", "Connection: keep-alive\r\nUpgrade: x\r\n", nil},
		{"meant by a part of a word", "Connection: upgrade-insecure\r\nUpgrade: x\r\n", nil},
		{"without a Connection field", "Upgrade: x\r\n", nil},
		{"nothing that is named", meant, nil},
		{"an empty list", meant + "Upgrade: ,\r\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			fields, err := wire.Scan(nil, []byte(test.head), 10)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, wire.Protocols(fields)); diff != "" {
				t.Errorf("the protocols (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProtocolName(t *testing.T) {
	for protocol, want := range map[string]string{
		"websocket": "websocket", "SPDY/3.1": "SPDY", "": "", "/1": "", "a/": "", "a b": "", "a/b/c": "", "a;q=1": "", "webſocket": "",
	} {
		if got := wire.ProtocolName(protocol); got != want {
			t.Errorf("got the name %q of %q, want %q", got, protocol, want)
		}
	}
}

func TestAreAmong(t *testing.T) {
	offered := []string{"websocket", "SPDY/3.1"}
	for _, test := range []struct {
		protocols []string
		want      bool
	}{
		{[]string{"WebSocket"}, true},
		{[]string{"spdy/3.1", "websocket"}, true},
		{nil, false},
		{[]string{"SPDY"}, false},
		{[]string{"websocket", "h2c"}, false},
		{[]string{"webſocket"}, false},
	} {
		if got := wire.AreAmong(test.protocols, offered); got != test.want {
			t.Errorf("got %t for %q, want %t", got, test.protocols, test.want)
		}
	}
}
