package intercept_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/proxy/intercept"
)

func load(t testing.TB, dir string) *intercept.Authority {
	t.Helper()
	a, err := intercept.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// names lists what is in a directory.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}

func TestLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	if _, err := intercept.Read(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read: got error %v, want fs.ErrNotExist", err)
	}
	first := load(t, dir)
	if left := time.Until(first.Certificate().NotAfter); left < 729*24*time.Hour || left > 730*24*time.Hour {
		t.Errorf("it lives for %s, want two years", left)
	}
	if again := load(t, dir); !again.Certificate().Equal(first.Certificate()) {
		t.Errorf("got %s, want the first one, %s", again.Certificate().Subject, first.Certificate().Subject)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"ca-key.pem", "ca.pem"}) {
		t.Errorf("got the files %q", got)
	}
	if got := read(t, dir, "ca.pem"); !bytes.Equal(got, first.PEM()) {
		t.Errorf("got ca.pem %s, want the certificate alone", got)
	}
	for name, want := range map[string]fs.FileMode{"ca-key.pem": 0o600, "ca.pem": 0o644, ".": 0o700 | fs.ModeDir} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != want && runtime.GOOS != "windows" {
			t.Errorf("%s: got mode %v and error %v, want %v", name, info.Mode(), err, want)
		}
	}
	// What clients have is made again, when it is not what it should be.
	for _, spoil := range []func(string) error{os.Remove, func(path string) error { return os.WriteFile(path, []byte("old"), 0o644) }} {
		if err := spoil(filepath.Join(dir, "ca.pem")); err != nil {
			t.Fatal(err)
		}
		load(t, dir)
		if got := read(t, dir, "ca.pem"); !bytes.Equal(got, first.PEM()) {
			t.Errorf("got ca.pem %q, want the certificate again", got)
		}
	}
}

// A client that trusts a kept authority still does when egret has been started
// anew.
func TestLoadedAuthorityServes(t *testing.T) {
	dir := t.TempDir()
	client := trusting(load(t, dir), "api.acme.test")
	if _, clientErr, serverErr := meet(t, serverConfig(t, load(t, dir), "api.acme.test"), client); clientErr != nil || serverErr != nil {
		t.Errorf("got errors %v and %v", clientErr, serverErr)
	}
}

// loadDir makes the test program do nothing but load an authority.
const loadDir = "EGRET_TEST_LOAD_AUTHORITY"

// All who begin at once have one authority, goroutines and processes.
func TestLoadAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	const processes, goroutines = 8, 50
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]byte, processes+goroutines)
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() {
			if i >= processes {
				if a, err := intercept.Load(dir); err != nil {
					t.Error(err)
				} else {
					got[i] = a.PEM()
				}
				return
			}
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), loadDir+"="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			end := []byte("-----END CERTIFICATE-----\n")
			got[i] = out[:max(0, bytes.Index(out, end)+len(end))]
		})
	}
	group.Wait()
	want := load(t, dir).PEM()
	for i := range got {
		if !bytes.Equal(got[i], want) {
			t.Errorf("%d: got %s, want %s", i, got[i], want)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"ca-key.pem", "ca.pem"}) {
		t.Errorf("got the files %q", got)
	}
}

// pair is the text of a file with a key and a certificate of another one.
func pair(t *testing.T, key, signed *ecdsa.PrivateKey, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "some CA"}, SubjectKeyId: []byte{1},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	change(template)
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, signed.Public(), signed)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...)
}

func generate(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What cannot be used is told, with what to do, and stays as it is.
func TestLoadRefuses(t *testing.T) {
	good := t.TempDir()
	load(t, good)
	text := read(t, good, "ca-key.pem")
	block, rest := pem.Decode(text)
	key, other, large := generate(t, elliptic.P256()), generate(t, elliptic.P256()), generate(t, elliptic.P384())
	same := func(*x509.Certificate) {}
	for _, test := range []struct {
		name string
		text []byte
		mode fs.FileMode
		want string // "" when it is good
	}{
		{"as it was", text, 0o600, ""},
		{"another good one", pair(t, key, key, same), 0o600, ""},
		{"others may read it", text, 0o604, "chmod 600"},
		{"the group may read it", text, 0o640, "chmod 600"},
		{"empty", nil, 0o600, "no key with its certificate"},
		{"rubbish", []byte("rubbish"), 0o600, "no key with its certificate"},
		{"cut short", text[:len(text)-20], 0o600, "no key with its certificate"},
		{"key alone", pem.EncodeToMemory(block), 0o600, "no key with its certificate"},
		{"certificate alone", rest, 0o600, "no key with its certificate"},
		{"damaged", bytes.Replace(text, []byte("MI"), []byte("AA"), 1), 0o600, "no key with its certificate"},
		{"key of another", pair(t, other, key, same), 0o600, "no key with its certificate"},
		{"two certificates", append(slices.Clone(text), rest...), 0o600, "not of egret's making"},
		{"large key", pair(t, large, large, same), 0o600, "not of egret's making"},
		{"expired", pair(t, key, key, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), 0o600, "it ends at"},
		{"nearly expired", pair(t, key, key, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(23 * time.Hour) }), 0o600, "it ends at"},
		{"not begun", pair(t, key, key, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), 0o600, "begins only"},
		{"no authority", pair(t, key, key, func(c *x509.Certificate) { c.IsCA = false }), 0o600, "not that of an authority"},
		{"may not sign", pair(t, key, key, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }), 0o600, "not that of an authority"},
	} {
		if test.mode != 0o600 && runtime.GOOS == "windows" {
			continue // it has no such modes
		}
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "ca-key.pem")
			if err := errors.Join(os.WriteFile(path, test.text, 0o600), os.Chmod(path, test.mode)); err != nil {
				t.Fatal(err)
			}
			_, err := intercept.Load(dir)
			if !bytes.Equal(read(t, path), test.text) {
				t.Error("the file was changed")
			}
			if test.want == "" {
				if err != nil {
					t.Errorf("got error %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range []string{test.want, path, "egret ca --new"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, which lacks %q", err, want)
				}
			}
			if got := names(t, dir); len(got) != 1 {
				t.Errorf("got the files %q, want none beside the bad one", got)
			}
			// The remedy works.
			if _, err := intercept.Renew(dir); err != nil {
				t.Error(err)
			}
			load(t, dir)
		})
	}
}

// An authority that has been signed by another one is not egret's own.
func TestLoadRefusesSignedByAnother(t *testing.T) {
	dir, key, root := t.TempDir(), generate(t, elliptic.P256()), generate(t, elliptic.P256())
	text := pair(t, root, root, func(*x509.Certificate) {})
	_, rest := pem.Decode(text)
	block, _ := pem.Decode(rest)
	parent, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	template := *parent
	template.Subject.CommonName = "between"
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), root)
	if err != nil {
		t.Fatal(err)
	}
	keyText, _ := pem.Decode(pair(t, key, key, func(*x509.Certificate) {}))
	text = append(pem.EncodeToMemory(keyText), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := os.WriteFile(filepath.Join(dir, "ca-key.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := intercept.Load(dir); err == nil || !strings.Contains(err.Error(), "not signed with its own key") {
		t.Errorf("got error %v", err)
	}
}

// A directory in which nothing can be kept is an error that names it.
func TestLoadWithoutDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := intercept.Load(filepath.Join(file, "state")); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got error %v, want one that names %s", err, file)
	}
}

func TestRenew(t *testing.T) {
	dir := t.TempDir()
	if backup, err := intercept.Renew(dir); backup != "" || err != nil {
		t.Errorf("the first: got %q and error %v, want no old one", backup, err)
	}
	old, text := load(t, dir), read(t, dir, "ca-key.pem")
	backup, err := intercept.Renew(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, backup); !bytes.Equal(got, text) || filepath.Dir(backup) != dir {
		t.Errorf("%s is not the old file", backup)
	}
	now := load(t, dir)
	if now.Certificate().Equal(old.Certificate()) {
		t.Error("got the old authority, want a new one")
	}
	if got := read(t, dir, "ca.pem"); !bytes.Equal(got, now.PEM()) {
		t.Errorf("got ca.pem %s, want the new certificate", got)
	}
}

// A kept authority is made for two years, and refused on its last day.
func TestLoadAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := load(t, dir)
		pass(730*24*time.Hour - 25*time.Hour)
		if got := load(t, dir).Warning(); got == "" {
			t.Error("got no warning a day before the end")
		}
		pass(2 * time.Hour)
		if _, err := intercept.Load(dir); err == nil || !strings.Contains(err.Error(), a.Certificate().NotAfter.Format(time.RFC3339)) {
			t.Errorf("got error %v, want one that names the end", err)
		}
	})
}
