package main

// What the clients' needs are looked for with.
var (
	systemPython = "/usr/bin/python3" // for which the packages of a distribution are
	oldNode      = []string{"node", "-e", "process.exit(process.allowedNodeEnvironmentFlags.has('--use-env-proxy') ? 1 : 0)"}
	newNode      = []string{"newnode", "-e", "process.exit(process.allowedNodeEnvironmentFlags.has('--use-env-proxy') ? 0 : 1)"}
	javaCompiler = []string{"java", "--describe-module", "jdk.compiler"} // for `java X.java`
)

// matrixClients are the clients of the matrix, in the order of the table.
var matrixClients = []matrixClient{
	{
		name: "curl", needs: []string{"curl", "--version"},
		command: []string{"curl", "-fsS", "-H", "Authorization: Bearer ID", "URL"},
	},
	{
		name: "wget", needs: []string{"wget", "--version"},
		command: []string{"wget", "-nv", "-O", "-", "--header=Authorization: Bearer ID", "URL"},
	},
	{
		name: "Python `urllib`", needs: []string{systemPython, "--version"},
		command: []string{systemPython, "urllib_client.py", "URL", "ID"},
	},
	{
		name: "Python `requests`", needs: []string{systemPython, "-c", "import requests"},
		command: []string{systemPython, "requests_client.py", "URL", "ID"},
	},
	{
		name: "Python `httpx`", needs: []string{systemPython, "-c", "import httpx"},
		command: []string{systemPython, "httpx_client.py", "URL", "ID"},
	},
	{
		name: "Node.js `fetch`", needs: newNode,
		command: []string{"newnode", "fetch.mjs", "URL", "ID"},
	},
	{
		name: "Node.js `https`", needs: newNode,
		command: []string{"newnode", "https.mjs", "URL", "ID"},
	},
	{
		name: "Node.js before 22.21 and 24.5, `fetch`", needs: oldNode,
		command: []string{"node", "fetch.mjs", "URL", "ID"},
		fails:   `fetch failed(?s:.*)getaddrinfo (ENOTFOUND|EAI_AGAIN) ` + matrixHost,
		why:     "does not know the proxy variables", help: "a newer one",
	},
	{
		name: "Node.js before 22.21 and 24.5, `https`", needs: oldNode,
		command: []string{"node", "https.mjs", "URL", "ID"},
		fails:   `getaddrinfo (ENOTFOUND|EAI_AGAIN) ` + matrixHost,
		why:     "does not know the proxy variables", help: "a newer one",
	},
	{
		name: "Go `net/http`", needs: []string{"go", "version"},
		command: []string{"goclient", "URL", "ID"},
	},
	{
		name: "Java `HttpClient`", needs: javaCompiler,
		command: []string{"java", "Client.java", "URL", "ID"},
		fails:   `status 407`,
		why:     "reads the proxy's address from properties, but its key from code alone",
		helped:  []string{"java", "ClientProxy.java", "URL", "ID"},
		flags:   []string{"--no-auth"},
		help:    "the key in a header: " + program("ClientProxy.java") + "; or `egret run --no-auth`",
	},
	{
		name: "Java `HttpsURLConnection`", needs: javaCompiler,
		command: []string{"java", "Connection.java", "URL", "ID"},
		fails:   `Unable to tunnel through proxy\. Proxy returns "HTTP/1\.1 407 `,
		why:     "reads the proxy's address from properties, but its key from code alone",
		helped:  []string{"java", "ConnectionProxy.java", "URL", "ID"},
		flags:   []string{"--no-auth"},
		help:    "an `Authenticator`: " + program("ConnectionProxy.java") + "; or `egret run --no-auth`",
	},
	{
		name: "git", needs: []string{"git", "--version"},
		command: []string{"git", "-c", "http.extraHeader=Authorization: Bearer ID", "ls-remote", "REPOSITORY"},
	},
	{
		name: "Ruby `net/http`", needs: []string{"ruby", "-ropenssl", "-e", "0"},
		command: []string{"ruby", "net_http.rb", "URL", "ID"},
	},
	{
		name: "Ruby `open-uri`", needs: []string{"ruby", "-ropenssl", "-e", "0"},
		command: []string{"ruby", "open_uri.rb", "URL", "ID"},
	},
	{
		name: "PHP `curl`", needs: []string{"php", "--ri", "curl"},
		command: []string{"php", "curl.php", "URL", "ID"},
	},
	{
		name: "PHP streams", needs: []string{"php", "--ri", "openssl"},
		command: []string{"php", "streams.php", "URL", "ID"},
		fails:   `getaddrinfo for ` + matrixHost + ` failed`,
		why:     "do not know the proxy variables",
		helped:  []string{"php", "streams_proxy.php", "URL", "ID"},
		help:    "the proxy in the context: " + program("streams_proxy.php"),
	},
	{
		name: "Perl `LWP`", needs: []string{"perl", "-MLWP::Protocol::https", "-e", "0"},
		command: []string{"perl", "lwp.pl", "URL", "ID"},
	},
	{
		name: "Perl `HTTP::Tiny`", needs: []string{"perl", "-MIO::Socket::SSL", "-MHTTP::Tiny", "-e", "0"},
		command: []string{"perl", "http_tiny.pl", "URL", "ID"},
	},
}

// program links to a client of the matrix.
func program(name string) string {
	return "[" + name + "](../cmd/egret/testdata/clients/" + name + ")"
}
