package intercept_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// hello is the first message of Go's client.
func hello(t testing.TB, config *tls.Config) []byte {
	t.Helper()
	here, there := net.Pipe()
	go func() {
		_ = tls.Client(there, config).Handshake()
		_ = there.Close()
	}()
	buffer := make([]byte, 64<<10)
	n, err := here.Read(buffer) // a pipe gives what was written at once
	_ = here.Close()
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

func TestPeekServerName(t *testing.T) {
	text := hello(t, &tls.Config{ServerName: "api.acme.test"})
	name, read, err := intercept.PeekServerName(bytes.NewReader(text))
	if name != "api.acme.test" || !bytes.Equal(read, text) || err != nil {
		t.Errorf("got %q, %d of %d bytes and error %v", name, len(read), len(text), err)
	}
	name, read, err = intercept.PeekServerName(iotest.OneByteReader(bytes.NewReader(append(text, "more"...))))
	if name != "api.acme.test" || !bytes.Equal(read, text) || err != nil {
		t.Errorf("byte by byte: got %q, %d of %d bytes and error %v", name, len(read), len(text), err)
	}
	name, _, err = intercept.PeekServerName(bytes.NewReader(hello(t, &tls.Config{InsecureSkipVerify: true})))
	if name != "" || err != nil {
		t.Errorf("without a name: got %q and error %v", name, err)
	}
	if _, read, err = intercept.PeekServerName(bytes.NewReader(text[:100])); err == nil || len(read) != 100 {
		t.Errorf("cut: got %d bytes and error %v", len(read), err)
	}
	gone := errors.New("gone")
	if _, _, err = intercept.PeekServerName(io.MultiReader(bytes.NewReader(text[:100]), iotest.ErrReader(gone))); !errors.Is(err, gone) {
		t.Errorf("broken: got error %v, want that of the reader", err)
	}
}
