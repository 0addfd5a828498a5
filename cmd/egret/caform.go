package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// A shownCA is an authority, and what its forms need to know beside it.
type shownCA struct {
	*intercept.Authority
	path     string // of its certificate
	password string
}

// A caForm is a form in which egret ca gives the certificate.
type caForm struct {
	flag, usage string
	binary      bool
	make        func(shownCA) ([]byte, error)
	hints       func(ca shownCA, file string) []string // how clients come to trust it
}

// caForms are all of them. The first is that without a flag.
var caForms = []caForm{
	{
		make:  func(ca shownCA) ([]byte, error) { return ca.PEM(), nil },
		hints: func(ca shownCA, _ string) []string { return trustHints(runtime.GOOS, ca.path) },
	},
	{
		flag: "bundle", usage: "print the system's authorities too, for settings that replace them",
		make: func(ca shownCA) ([]byte, error) { return ca.Bundle() },
		hints: func(_ shownCA, file string) []string {
			return []string{"SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and GIT_SSL_CAINFO take a bundle: SSL_CERT_FILE=" + file}
		},
	},
	{
		flag: "der", usage: "print it in DER", binary: true,
		make:  func(ca shownCA) ([]byte, error) { return ca.DER(), nil },
		hints: func(shownCA, string) []string { return nil },
	},
	{
		flag: "p12", usage: "print a trust store for Java, with the system's authorities too", binary: true,
		make: func(ca shownCA) ([]byte, error) { return ca.PKCS12(ca.password) },
		hints: func(ca shownCA, file string) []string {
			password := "the one of --password"
			if ca.password == storePassword {
				password = ca.password
			}
			return []string{
				"its password is " + password,
				"java -Djavax.net.ssl.trustStore=" + file + " -Djavax.net.ssl.trustStorePassword=PASSWORD",
			}
		},
	},
	{
		flag: "json", usage: "print its subject, SHA-256 fingerprint, life and file in JSON",
		make:  describeCA,
		hints: func(shownCA, string) []string { return nil },
	},
}

// caFormOf gives the form that a flag asks for.
func caFormOf(cmd *cobra.Command) caForm {
	for _, form := range caForms[1:] {
		if asked, _ := cmd.Flags().GetBool(form.flag); asked {
			return form
		}
	}
	return caForms[0]
}

// systemTrust says by system how all programs of a machine come to trust a
// certificate that is in a file.
var systemTrust = map[string]string{
	"linux":   "Debian: sudo cp %[1]q /usr/local/share/ca-certificates/egret.crt && sudo update-ca-certificates; Fedora: sudo trust anchor %[1]q",
	"darwin":  "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain %q",
	"windows": "certutil -addstore -user Root %q",
}

// trustHints say how programs come to trust the certificate in a file.
func trustHints(system, path string) []string {
	hints := []string{fmt.Sprintf("Node, one process: NODE_EXTRA_CA_CERTS=%q; others take a bundle: egret ca --bundle", path)}
	if all, known := systemTrust[system]; known {
		hints = append(hints, "the whole machine, only where everybody on it may be decrypted: "+fmt.Sprintf(all, path))
	}
	return hints
}

// fingerprint is the SHA-256 of a certificate, in hex.
func fingerprint(c *x509.Certificate) string {
	digest := sha256.Sum256(c.Raw)
	return hex.EncodeToString(digest[:])
}
