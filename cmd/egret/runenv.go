package main

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A childEnvironment is what a command that runs behind egret finds in its
// environment in place of what egret found in its own.
type childEnvironment struct {
	server  *url.URL // of the data plane: http, host and port
	client  string   // who the command is to egret
	key     configs.Secret
	direct  []string // hosts that are not asked for through egret
	files   runFiles
	stands  map[string]string // the IDs of caches, by the variables that they stand in for
	removed []string          // other variables that the configuration reads
	windows bool              // names are compared without their case
}

// A childVariable is what is set for the command, under each of some names. In
// whatever case they are written, variables of these names that are there
// before are taken away. Nothing is set when the value is "".
type childVariable struct {
	names []string
	value func(e *childEnvironment, old string, there bool) string
}

// childVariables are set in this order. Programs that look at none of them, and
// at their own settings alone, are not served.
var childVariables = []childVariable{
	{[]string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}, proxyURL},
	{[]string{"NO_PROXY", "no_proxy"}, func(e *childEnvironment, _ string, _ bool) string { return strings.Join(e.direct, ",") }},
	{[]string{"NODE_USE_ENV_PROXY"}, func(*childEnvironment, string, bool) string { return "1" }},
	{[]string{"YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"}, proxyURL},
	// Other ways to name a proxy, which would lead past egret.
	{[]string{
		"FTP_PROXY", "WS_PROXY", "WSS_PROXY", "GRPC_PROXY", "NO_GRPC_PROXY", "CARGO_HTTP_PROXY", "PIP_PROXY",
		"NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY", "NPM_CONFIG_HTTP_PROXY", "NPM_CONFIG_NOPROXY",
	}, nothingAtAll},
	// What these name is trusted in place of the system's certificates.
	{[]string{
		"SSL_CERT_FILE", "NIX_SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "HTTPLIB2_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
		"CARGO_HTTP_CAINFO", "DENO_CERT", "AWS_CA_BUNDLE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "PERL_LWP_SSL_CA_FILE",
		"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HEX_CACERTS_PATH", "JULIA_SSL_CA_ROOTS_FILE",
	}, func(e *childEnvironment, _ string, _ bool) string { return e.files.bundle }},
	{[]string{"NODE_EXTRA_CA_CERTS"}, func(e *childEnvironment, _ string, _ bool) string { return e.files.authority }},
	{[]string{
		"SSL_CERT_DIR", "GIT_SSL_CAPATH", "HTTPS_CA_FILE", "HTTPS_CA_DIR", "PERL_LWP_SSL_CA_PATH", "NPM_CONFIG_CA", "NPM_CONFIG_CAFILE",
	}, nothingAtAll},
	{[]string{"SYSTEM_WGETRC"}, func(e *childEnvironment, _ string, _ bool) string { return e.files.wget }},
	{[]string{"PHP_INI_SCAN_DIR"}, phpDirectories},
	{[]string{"JAVA_TOOL_OPTIONS"}, javaOptions},
	{[]string{serverVariable}, func(e *childEnvironment, _ string, _ bool) string { return e.server.String() }},
	{[]string{callKey}, func(e *childEnvironment, _ string, _ bool) string { return e.key.Reveal() }},
	{[]string{adminKeyVariable}, nothingAtAll},
}

func nothingAtAll(*childEnvironment, string, bool) string { return "" }

// proxyURL is the address of egret as a forward proxy, with the key.
func proxyURL(e *childEnvironment, _ string, _ bool) string {
	u := *e.server
	if !e.key.IsZero() {
		u.User = url.UserPassword(e.client, e.key.Reveal())
	}
	return u.String()
}

// phpDirectories adds a directory to those that PHP reads settings from. An
// empty one in the list is the one that PHP was built with.
func phpDirectories(e *childEnvironment, old string, there bool) string {
	switch {
	case e.files.php == "":
		return old
	case there && old == "":
		return e.files.php
	default:
		return old + string(os.PathListSeparator) + e.files.php
	}
}

// ofSystem are variables that programs need, and that hold no secret: they stay,
// though the configuration may read them.
var ofSystem = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "TERM", "LANG", "TZ", "HOSTNAME",
	"SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA",
}

// shortestSecret is the length, in bytes, from which on a value that is found in
// another variable is taken for the credential itself.
const shortestSecret = 8

// environ makes the environment of the command out of egret's own. What is set
// stands at the end.
func (e *childEnvironment) environ(parent []string) []string {
	old := map[string]string{} // as a program finds them: the last of a name counts
	for _, entry := range parent {
		if name, value, ok := cutVariable(entry); ok {
			old[e.name(name)] = value
		}
	}
	stripped := map[string]bool{} // by names in upper case
	for _, v := range childVariables {
		for _, name := range v.names {
			stripped[strings.ToUpper(name)] = true
		}
	}
	gone, aliases := e.ofConfiguration(old)
	environ := make([]string, 0, len(parent)+40)
	for _, entry := range parent {
		name, value, ok := cutVariable(entry)
		switch {
		case !ok:
			environ = append(environ, entry)
		case stripped[strings.ToUpper(name)], gone[e.name(name)]:
		case aliases[value] != "":
			environ = append(environ, name+"="+aliases[value])
		default:
			environ = append(environ, entry)
		}
	}
	for _, name := range sortedKeys(e.stands) {
		if !stripped[strings.ToUpper(name)] {
			environ = append(environ, name+"="+e.stands[name])
		}
	}
	return e.appendVariables(environ, old)
}

// ofConfiguration gives the names of the variables that the command does not
// inherit because the configuration reads them, and the IDs of the caches that
// stand for their values.
func (e *childEnvironment) ofConfiguration(old map[string]string) (gone map[string]bool, aliases map[string]string) {
	gone, aliases = map[string]bool{}, map[string]string{}
	for _, name := range sortedKeys(e.stands) {
		gone[e.name(name)] = true
		if value := old[e.name(name)]; len(value) >= shortestSecret && aliases[value] == "" {
			aliases[value] = e.stands[name]
		}
	}
	for _, name := range e.removed {
		if !slices.Contains(ofSystem, strings.ToUpper(name)) {
			gone[e.name(name)] = true
		}
	}
	return gone, aliases
}

// appendVariables appends what is set for every command.
func (e *childEnvironment) appendVariables(environ []string, old map[string]string) []string {
	for _, v := range childVariables {
		for i, name := range v.names {
			if e.windows && i > 0 && strings.EqualFold(name, v.names[i-1]) {
				continue // it is the same one
			}
			before, there := old[e.name(name)]
			if value := v.value(e, before, there); value != "" {
				environ = append(environ, name+"="+value)
			}
		}
	}
	return environ
}

// name is what variables are told apart by.
func (e *childEnvironment) name(name string) string {
	if e.windows {
		return strings.ToUpper(name)
	}
	return name
}

// cutVariable splits an entry. On Windows there are some that begin with an
// equals sign and are no variables.
func cutVariable(entry string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(entry, "=")
	return name, value, ok && name != ""
}

// directHosts are the hosts that the command asks for itself: its own servers on
// loopback, unless the configuration names them as hosts of a cache or opens
// them. An IPv6 address is not among them, because older clients take a list
// that has one for broken, and send nothing at all.
func directHosts(cfg *configs.Config) []string {
	direct := []string{"localhost", "127.0.0.1"}
	named := func(p configs.HostPattern) {
		direct = slices.DeleteFunc(direct, func(host string) bool {
			return p.Key() == host || strings.HasSuffix(p.Key(), "."+host) // clients exempt what is below, too
		})
	}
	for i := range cfg.Caches {
		for _, p := range cfg.Caches[i].Hosts {
			named(p)
		}
	}
	for i := range cfg.Egress.Allow {
		named(cfg.Egress.Allow[i].Host)
	}
	return direct
}

// runFiles are the files that a command is told of, as absolute paths; "" for
// one that there is not.
type runFiles struct {
	bundle    string // the system's certificates and egret's own, PEM
	authority string // egret's own alone, PEM
	store     string // the same as bundle, PKCS #12
	java      string // options of the Java VM that are not to be printed
	php       string // a directory with settings of PHP
	wget      string // settings of wget
}

// in is the path of a file of the directory.
func in(dir, name string) string { return filepath.Join(dir, name) }
