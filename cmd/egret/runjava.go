package main

import (
	"strings"
)

// storePassword opens the trust store. It protects nothing: the store holds
// certificates, which anybody may read.
const storePassword = "changeit"

// javaOptions adds to the options of every Java VM. What the user has put there
// stays, and ours come last, where they count.
//
// Java knows a proxy's address from its properties, and no key for it: a program
// has to bring an Authenticator. The properties of the user and of the password
// are what libraries look for. They are in a file, because each VM prints this
// variable when it starts, and that file is ignored by one that is older than
// Java 9.
func javaOptions(e *childEnvironment, old string, _ bool) string {
	host, port := e.server.Hostname(), e.server.Port()
	options := []string{
		"-Dhttp.proxyHost=" + host, "-Dhttp.proxyPort=" + port,
		"-Dhttps.proxyHost=" + host, "-Dhttps.proxyPort=" + port,
		"-Dhttp.nonProxyHosts=" + strings.Join(e.direct, "|"),
		"-Djdk.http.auth.tunneling.disabledSchemes=", // else Basic is not sent with CONNECT
	}
	if e.files.store != "" {
		options = append(options, "-Djavax.net.ssl.trustStore="+e.files.store,
			"-Djavax.net.ssl.trustStoreType=PKCS12", "-Djavax.net.ssl.trustStorePassword="+storePassword)
	}
	if e.files.java != "" && !strings.Contains(old, "-XX:VMOptionsFile=") { // of which there can be one
		options = append(options, "-XX:+IgnoreUnrecognizedVMOptions", "-XX:VMOptionsFile="+e.files.java)
	}
	for _, option := range options {
		if strings.ContainsAny(option, " \t") {
			option = `"` + option + `"`
		}
		old = strings.TrimPrefix(old+" "+option, " ")
	}
	return old
}

// javaKey is the text of the file of options: who the command is to egret.
func javaKey(client, key string) string {
	var b strings.Builder
	for _, scheme := range []string{"http", "https"} {
		b.WriteString("-D" + scheme + ".proxyUser=" + client + "\n-D" + scheme + ".proxyPassword=" + key + "\n")
	}
	return b.String()
}
