package proxy_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy"
)

// listenAt makes an egret that listens on a socket, and closes it when the test
// ends.
func listenAt(t *testing.T, path string) (*proxy.Server, error) {
	t.Helper()
	server := newServer(t, "listen: unix:"+path+"\n")
	return server, server.Listen()
}

// entries are the names in a directory.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

// The socket is for its owner, there is nothing beside it, and it goes with
// egret.
func TestUnixSocket(t *testing.T) {
	dir := socketDir(t)
	path := filepath.Join(dir, "egret.sock")
	for range 2 { // and once more at the same place
		server, err := listenAt(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if got := server.Addr(); got != "unix:"+path {
			t.Errorf("got address %q, want unix:%s", got, path)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := info.Mode(), os.ModeSocket|0o600; got != want {
			t.Errorf("got mode %v, want %v", got, want)
		}
		if got := entries(t, dir); got != "egret.sock" {
			t.Errorf("got %s in the directory, want the socket alone", got)
		}
		server.Close()
		if got := entries(t, dir); got != "" {
			t.Errorf("got %s in the directory afterwards, want nothing", got)
		}
	}
}

// A socket that somebody left behind is replaced, one that is in use is not.
func TestUnixSocketStale(t *testing.T) {
	path := filepath.Join(socketDir(t), "egret.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	want := `cannot listen on listen="unix:` + path + `": address already in use`
	if _, err := listenAt(t, path); err == nil || err.Error() != want {
		t.Errorf("got error %v for a socket in use, want %s", err, want)
	}
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	first, err := listenAt(t, path)
	if err != nil {
		t.Fatalf("a socket that was left behind is in the way: %v", err)
	}
	if _, err := listenAt(t, path); err == nil || err.Error() != want {
		t.Errorf("got error %v for the socket of another egret, want %s", err, want)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Errorf("the socket of the first is gone: %v", err)
	} else {
		_ = c.Close()
	}
	first.Close()
}

// What is no socket is never removed, neither before nor after.
func TestUnixSocketOtherFile(t *testing.T) {
	dir := socketDir(t)
	path := filepath.Join(dir, "egret.sock")
	const text = "somebody's work"
	write := func() {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantUntouched := func() {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file has %q (error: %v), want %q", got, err, text)
		}
		if got := entries(t, dir); got != "egret.sock" {
			t.Errorf("got %s in the directory, want the file alone", got)
		}
	}
	want := `cannot listen on listen="unix:` + path + `": there is a file, and it is no socket`
	write()
	if _, err := listenAt(t, path); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	wantUntouched()

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "target")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if _, err := listenAt(t, path); err == nil || err.Error() != want {
		t.Errorf("got error %v for a link, want %s", err, want)
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	server, err := listenAt(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write()
	server.Close()
	wantUntouched()
}

// The socket of another egret that has taken the place stays.
func TestUnixSocketTakenOver(t *testing.T) {
	path := filepath.Join(socketDir(t), "egret.sock")
	first, err := listenAt(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := listenAt(t, path)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatalf("the socket of the second egret is gone: %v", err)
	}
	_ = c.Close()
	second.Close()
}

// Without a directory there is no socket, and what was opened before is closed.
func TestUnixSocketNoDirectory(t *testing.T) {
	dir := socketDir(t)
	server := newServer(t, "listen: unix:"+dir+"/egret.sock\nadmin: {listen: unix:"+dir+"/none/admin.sock, key: configured-admin-key-0123}\n")
	if err := server.Listen(); err == nil || !strings.HasPrefix(err.Error(), `cannot listen on admin="unix:`+dir+`/none/admin.sock": `) {
		t.Errorf("got error %v, want one of admin", err)
	}
	if got := entries(t, dir); got != "" {
		t.Errorf("got %s in the directory, want nothing", got)
	}
}
