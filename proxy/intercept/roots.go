package intercept

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"software.sslmate.com/src/go-pkcs12"
)

// ErrNoRoots is a system whose trusted authorities cannot be listed.
var ErrNoRoots = errors.New("cannot list the authorities that this system trusts; let SSL_CERT_FILE name a file that has them in PEM")

// Bundle gives the authorities that the system trusts and this one, in PEM. It
// is for clients whose setting replaces what the system trusts. They are those
// that crypto/x509 finds; SSL_CERT_FILE and SSL_CERT_DIR name others.
func (a *Authority) Bundle() ([]byte, error) {
	roots, err := systemRoots()
	if err != nil {
		return nil, err
	}
	var bundle []byte
	for _, root := range append(roots, a.certificate) {
		bundle = append(bundle, encode(root)...)
	}
	return bundle, nil
}

// PKCS12 gives the same as Bundle in the form of a trust store for Java (from
// 8u301 on). The password keeps no secret, as there is none in the store.
func (a *Authority) PKCS12(password string) ([]byte, error) {
	roots, err := systemRoots()
	if err != nil {
		return nil, err
	}
	entries := []pkcs12.TrustStoreEntry{{Cert: a.certificate, FriendlyName: a.certificate.Subject.CommonName}}
	for _, root := range roots {
		digest := sha256.Sum256(root.Raw)
		entries = append(entries, pkcs12.TrustStoreEntry{Cert: root, FriendlyName: "root " + hex.EncodeToString(digest[:8])})
	}
	store, err := pkcs12.Modern2023.EncodeTrustStoreEntries(entries, password)
	if err != nil {
		return nil, fmt.Errorf("cannot make a trust store: %w", err)
	}
	return store, nil
}

// systemRoots lists the authorities that the system trusts. The variables name
// other places than the usual ones, as they do for crypto/x509 and OpenSSL.
func systemRoots() ([]*x509.Certificate, error) {
	var roots rootList
	file, directories := os.Getenv("SSL_CERT_FILE"), os.Getenv("SSL_CERT_DIR")
	if file == "" && directories == "" {
		text, err := askSystem()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoRoots, err)
		}
		roots.add(text)
	}
	if file != "" {
		text, err := os.ReadFile(file) //nolint:gosec // What the user's variable names.
		if err != nil {
			return nil, fmt.Errorf("cannot read what SSL_CERT_FILE names: %w", err)
		}
		roots.add(text)
	} else {
		roots.addFirst(rootFiles)
	}
	if directories != "" {
		roots.addAll(filepath.SplitList(directories))
	} else {
		roots.addAll(rootDirectories)
	}
	if len(roots.list) == 0 {
		return nil, ErrNoRoots
	}
	return roots.list, nil
}

// A rootList is a list of certificates without the same one twice.
type rootList struct {
	list []*x509.Certificate
	seen map[string]bool
}

// add adds the certificates of a PEM text that crypto/x509 understands: it is
// how egret's own connections are verified too.
func (l *rootList) add(text []byte) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != blockCertificate || len(block.Headers) > 0 || l.seen[string(block.Bytes)] {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue
		}
		if l.seen == nil {
			l.seen = map[string]bool{}
		}
		l.seen[string(block.Bytes)] = true
		l.list = append(l.list, certificate)
	}
}

// addFirst adds those of the first file that is there.
func (l *rootList) addFirst(files []string) {
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil { //nolint:gosec // One of rootFiles.
			l.add(text)
			return
		}
	}
}

// addAll adds those of all files of directories.
func (l *rootList) addAll(directories []string) {
	for _, directory := range directories {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue // as crypto/x509 does
		}
		for _, entry := range entries {
			if text, err := os.ReadFile(filepath.Join(directory, entry.Name())); err == nil { //nolint:gosec // One of rootDirectories, or what the user's variable names.
				l.add(text)
			}
		}
	}
}
