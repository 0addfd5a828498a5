package proxytest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
)

// Python's http.client writes CONNECT in HTTP/1.0 before Python 3.12, and
// without a Host.
const setTunnel = `
import http.client, ssl, sys
address, host, key, cafile, token = sys.argv[1:]
proxy_host, proxy_port = address.split(":")
if cafile:
    connection = http.client.HTTPSConnection(proxy_host, int(proxy_port), context=ssl.create_default_context(cafile=cafile))
else:
    connection = http.client.HTTPConnection(proxy_host, int(proxy_port))
connection.set_tunnel(host, headers={"Proxy-Authorization": "Bearer " + key})
for path in ("/1", "/2"):
    connection.request("POST", path, body=b"abc", headers={"Authorization": "Bearer " + token})
    response = connection.getresponse()
    print(response.status, response.read())
`

func TestPythonSetTunnel(t *testing.T) {
	w := startCurlWorld(t)
	if _, err := exec.LookPath("python3"); err != nil {
		configstest.Missing(t, "this test needs Python: %v", err)
	}
	for _, way := range curlWays {
		if !way.tunnels() {
			continue
		}
		t.Run(way.name, func(t *testing.T) {
			cafile := strings.NewReplacer("{ca}", w.ca, "{roots}", w.origin.file).Replace(strings.TrimPrefix(strings.Join(way.args, ""), "--cacert"))
			if way.name == "proxytunnel" {
				cafile = ""
			}
			_, host, _ := strings.Cut(way.base, "://")
			script := exec.CommandContext(t.Context(), "python3", "-c", setTunnel, strings.TrimPrefix(w.egret.URL, "http://"), host, curlKey, cafile, curlID)
			output, err := script.CombinedOutput()
			seen := w.origin.take()
			if err != nil || strings.Count(string(output), "200 b'3 ") != 2 || len(seen) != 2 {
				t.Fatalf("Python ended with %v:\n%s\nthe origin got %+v", err, output, seen)
			}
			for _, request := range seen {
				if request.header.Get("Authorization") != "Bearer "+way.sent || request.client != seen[0].client {
					t.Errorf("the origin got %+v, want %s by one connection", request, way.sent)
				}
			}
		})
	}
}
