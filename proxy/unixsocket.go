package proxy

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A unixListener is a listener on a unix socket that only the user of this
// process can open. The file is removed with it, unless it is another one by
// then.
type unixListener struct {
	*net.UnixListener
	path   string
	file   fs.FileInfo
	remove sync.Once
}

// listenUnix listens on a path. A socket at which nobody listens any more is
// replaced; whatever else stands there is left alone.
//
// The socket is made in a directory that nobody else can enter, gets its mode
// there and is then put in its place. So there is no moment in which others
// could open it, nor one in which there is none where there was one.
func listenUnix(path string) (net.Listener, error) {
	if err := checkSocketFree(path); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".") // mode 0700
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	hidden := filepath.Join(dir, "s")
	bound, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, err
	}
	bound.SetUnlinkOnClose(false)
	l := &unixListener{UnixListener: bound, path: path}
	if err := l.place(hidden); err != nil {
		return nil, errors.Join(err, bound.Close())
	}
	return l, nil
}

// place moves the socket to its path.
func (l *unixListener) place(hidden string) error {
	err := os.Chmod(hidden, 0o600)
	if err == nil {
		l.file, err = os.Lstat(hidden)
	}
	if err == nil {
		err = os.Rename(hidden, l.path)
	}
	return err
}

// socketWait is how long somebody who listens on a socket has to accept.
const socketWait = time.Second

// checkSocketFree reports why a path cannot be taken.
func checkSocketFree(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file, and it is no socket")
	}
	c, err := net.DialTimeout("unix", path, socketWait)
	switch {
	case err == nil:
		_ = c.Close()
		return syscall.EADDRINUSE
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return nil // whoever listened there has ended
	}
	return fmt.Errorf("cannot tell whether somebody listens: %w", err)
}

// Addr is the path.
func (l *unixListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Close removes the file, if it is still this socket, and then ends listening:
// as long as it lasts, no other file can be taken for it.
func (l *unixListener) Close() error {
	l.remove.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.file) {
			_ = os.Remove(l.path)
		}
	})
	return l.UnixListener.Close()
}
