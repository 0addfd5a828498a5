package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An issuer is the authority whose certificates egret shows to the command.
type issuer interface {
	PEM() []byte             // its certificate
	Bundle() ([]byte, error) // the system's certificates and its own, PEM
	PKCS12(password string) ([]byte, error)
}

// writeRunFiles writes what the command is told of into a directory that only
// this user may read. Where the system does not tell which certificates it
// trusts, that is a warning, and nothing takes their place.
func writeRunFiles(dir string, by issuer, client, key string, warn func(error)) (runFiles, error) {
	files := runFiles{authority: in(dir, "ca.pem")}
	texts := map[string][]byte{files.authority: by.PEM()}
	if key != "" {
		files.java = in(dir, "java.options")
		texts[files.java] = []byte(javaKey(client, key))
	}
	bundle, err := by.Bundle()
	if err == nil {
		err = files.replaceStores(dir, bundle, by, texts)
	}
	if err != nil {
		warn(err)
	}
	for _, path := range sortedKeys(texts) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return files, fmt.Errorf("cannot make a directory for the command: %w", err)
		}
		if err := os.WriteFile(path, texts[path], 0o600); err != nil {
			return files, fmt.Errorf("cannot write a file for the command: %w", err)
		}
	}
	return files, nil
}

// replaceStores adds the files that programs take in place of the system's
// certificates.
func (f *runFiles) replaceStores(dir string, bundle []byte, by issuer, texts map[string][]byte) error {
	store, err := by.PKCS12(storePassword)
	if err != nil {
		return err
	}
	f.bundle, f.store, f.php = in(dir, "bundle.pem"), in(dir, "trust.p12"), in(dir, "php")
	texts[f.bundle], texts[f.store] = bundle, store
	texts[in(f.php, "egret.ini")] = fmt.Appendf(nil, "curl.cainfo=%q\nopenssl.cafile=%q\n", f.bundle, f.bundle)
	if text, ok := wgetSettings(f.bundle); ok {
		f.wget = in(dir, "wgetrc")
		texts[f.wget] = text
	}
	return nil
}

// sortedKeys are the keys of a map, in their order.
func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// wgetSettings are those of the system, and ours: one of wget's TLS libraries
// looks at no variable. Of a file that can be read by some only, wget would read
// nothing more either.
func wgetSettings(bundle string) ([]byte, bool) {
	path := os.Getenv("SYSTEM_WGETRC")
	if path == "" {
		path = "/etc/wgetrc"
	}
	text, err := os.ReadFile(path) //nolint:gosec // What wget would read itself.
	if err != nil && !errors.Is(err, os.ErrNotExist) || strings.ContainsAny(bundle, "\r\n") {
		return nil, false
	}
	return slices.Concat(bytes.TrimRight(text, "\n"), []byte("\nca_certificate = "+bundle+"\n")), true
}
