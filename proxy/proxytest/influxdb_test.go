package proxytest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A real program verifies the JWTs: InfluxDB 1.x, which refuses one that has
// expired or is wrongly signed. Calls go on across several refreshes of a token
// that lives for three seconds, and none of them fails.
func TestInfluxDB(t *testing.T) {
	address, secret, user := startInfluxDB(t)
	text, err := os.ReadFile(filepath.Join(examples, "influxdb.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	yaml := strings.NewReplacer("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0", "ttl: 1m", "ttl: 3s", "username: egret", "username: "+user).Replace(string(text))
	egret := proxytest.Start(t, yaml, proxytest.Dialling(), proxytest.Environment(map[string]string{
		"INFLUXDB": strings.TrimPrefix(address, "http://"), "INFLUXDB_SECRET": secret,
	}))
	egret.Canary.Add(secret)
	mustCall(t, egret, "create_database", `{"database":"home"}`)

	// Three refreshes are due after 3 × ⅔ × 3 s; the calls go on a little longer.
	end := time.Now().Add(7 * time.Second)
	points := 0
	for ; time.Now().Before(end); points++ {
		mustCall(t, egret, "write_point", fmt.Sprintf(`{"database":"home","room":"attic","celsius":%d.5,"seconds":%d}`, points%30, 1_700_000_000+points))
	}
	answer := mustCall(t, egret, "count_points", `{"database":"home"}`)
	if got, want := answer.Get("output.results.0.series.0.values.0.1"), fmt.Sprint(points); got != want {
		t.Errorf("InfluxDB has %s points, want %s: %s", got, want, answer.Body)
	}
	if refreshes := tokensMade(t, egret); refreshes < 3 {
		t.Errorf("the token was made %d times during %d calls, want at least 3", refreshes, points)
	}
}

// mustCall calls a Function, which must be answered with success.
func mustCall(t *testing.T, egret *proxytest.Egret, function, arguments string) proxytest.Answer {
	t.Helper()
	answer := egret.Call(function, arguments)
	if answer.Status != 200 || answer.Get("ok") != "true" || strings.Contains(answer.Body, `"error"`) {
		t.Fatalf("%s %s: got %d %s, want success", function, arguments, answer.Status, answer.Body)
	}
	return answer
}

// tokensMade reads how often the token was made out of the metrics.
func tokensMade(t *testing.T, egret *proxytest.Egret) int {
	t.Helper()
	var made int
	for line := range strings.Lines(egret.Get(egret.AdminURL + "/metrics").Body) {
		if rest, ok := strings.CutPrefix(line, `egret_token_refreshes_total{cache="influxdb_token",result="ok"} `); ok {
			if _, err := fmt.Sscan(rest, &made); err != nil {
				t.Fatal(err)
			}
		}
	}
	return made
}
