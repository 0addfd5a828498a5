package intercept

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/egret-proxy/egret/configs/statefile"
)

// The files of an authority in the state directory. The first has the key and
// the certificate, so that one is never there without the other; the second has
// the certificate alone, for clients to trust.
const (
	KeyFile         = "ca-key.pem"
	CertificateFile = "ca.pem"
)

// The kinds of PEM blocks.
const (
	blockKey         = "PRIVATE KEY"
	blockCertificate = "CERTIFICATE"
)

// Load gives the authority that is kept in a directory. When there is none it is
// made, and so is the directory; of two processes that do so at once one has its
// way, and the other takes the same authority. It lives two years. A file that
// cannot be used is an error, and stays as it is.
func Load(dir string) (*Authority, error) {
	a, err := Read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(filepath.Join(dir, KeyFile)); err != nil {
			return nil, err
		}
		a, err = Read(dir)
	}
	if err != nil {
		return nil, err
	}
	if err := a.show(filepath.Join(dir, CertificateFile)); err != nil {
		return nil, err
	}
	return a, nil
}

// Read gives the authority that is kept in a directory, and makes none: when
// there is none the error is [fs.ErrNotExist].
func Read(dir string) (*Authority, error) {
	path := filepath.Join(dir, KeyFile)
	text, mode, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificate authority: %w", err)
	}
	if mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, unusable(path, fmt.Errorf("others than its owner can reach it (mode %04o), chmod 600 it unless somebody has read it", mode))
	}
	key, certificate, err := parse(text, time.Now())
	if err != nil {
		return nil, unusable(path, err)
	}
	return newAuthority(key, certificate)
}

// readFile gives what is in a file, and who may reach it.
func readFile(path string) ([]byte, fs.FileMode, error) {
	file, err := os.Open(path) //nolint:gosec // In the state directory of the configuration.
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(file)
	return text, info.Mode().Perm(), err
}

// Renew makes a new authority in a directory and gives the name that the file of
// the old one has from then on, or "" when there was none. Processes that have
// loaded the old one go on with it.
func Renew(dir string) (backup string, err error) {
	path := filepath.Join(dir, KeyFile)
	backup = filepath.Join(dir, "ca-key-until-"+time.Now().UTC().Format("20060102T150405.000000000Z")+".pem")
	if err := os.Rename(path, backup); errors.Is(err, fs.ErrNotExist) {
		backup = ""
	} else if err = errors.Join(err, os.Chmod(backup, 0o600)); err != nil { // clients may trust the old one still
		return "", fmt.Errorf("cannot set the old certificate authority aside: %w", err)
	}
	_, err = Load(dir)
	return backup, err
}

// unusable is the error of a file that is there and may not be used, with what
// to do.
func unusable(path string, err error) error {
	return fmt.Errorf("cannot use certificate authority %q: %w; `egret ca --new` makes a new one", path, err)
}

// create makes the file of a new authority, unless another process does.
func create(path string) error {
	key, certificate, err := generate(keptLife)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("cannot keep certificate authority: %w", err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: blockKey, Bytes: der}), encode(certificate)...)
	if err := statefile.Create(path, text); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot keep certificate authority: %w", err)
	}
	return nil
}

// show writes the file of the certificate alone, unless it is there.
func (a *Authority) show(path string) error {
	if text, err := os.ReadFile(path); err == nil && bytes.Equal(text, a.PEM()) { //nolint:gosec // In the state directory.
		return nil
	}
	if err := statefile.Replace(path, a.PEM(), 0o644); err != nil {
		return fmt.Errorf("cannot write certificate: %w", err)
	}
	return nil
}

// parse reads the text of the file.
func parse(text []byte, now time.Time) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	pair, err := tls.X509KeyPair(text, text) // which compares the two
	if err != nil {
		return nil, nil, errors.New("it holds no key with its certificate")
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() || len(pair.Certificate) != 1 {
		return nil, nil, errors.New("it is not of egret's making, with a key on P-256 and one certificate")
	}
	return key, pair.Leaf, checkAuthority(pair.Leaf, now)
}

// checkAuthority says why a certificate cannot be that of an authority.
func checkAuthority(c *x509.Certificate, now time.Time) error {
	switch {
	case !c.BasicConstraintsValid || !c.IsCA || c.KeyUsage&x509.KeyUsageCertSign == 0 || len(c.SubjectKeyId) == 0:
		return errors.New("its certificate is not that of an authority")
	case c.CheckSignatureFrom(c) != nil:
		return errors.New("its certificate is not signed with its own key")
	case now.Before(c.NotBefore):
		return fmt.Errorf("it begins only on %s, or the clock is wrong", c.NotBefore.UTC().Format(time.DateOnly))
	case c.NotAfter.Sub(now) < leafLife:
		return fmt.Errorf("it ends at %s", c.NotAfter.UTC().Format(time.RFC3339))
	default:
		return nil
	}
}
