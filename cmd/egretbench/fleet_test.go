package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFleet runs egret with a few tokens of each algorithm.
func TestFleet(t *testing.T) {
	needsBuild(t)
	t.Setenv("TMPDIR", t.TempDir())
	var stdout, stderr bytes.Buffer
	args := []string{
		"tokens", "--json", "--tokens=40", "--ttl=1m", "--algorithm=HS256,ES256,EdDSA,RS256",
		"--hosts=3", "--readers=4", "--rate=400", "--duration=1s",
	}
	if status := run(args, strings.NewReader(""), &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d:\n%s", status, stderr.String())
	}
	var got fleetReport
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout.String())
	}
	if got.Seen.Requests == 0 || got.Seen.Verified == 0 || got.P50 <= 0 || got.Warm < got.Serving || got.Serving <= 0 {
		t.Errorf("report = %+v, want figures of requests, signatures and times", got)
	}
	if least := got.Seen.Least; least <= 0 || least > time.Minute {
		t.Errorf("the least time left is %s, want one within a minute", least)
	}
	var text bytes.Buffer
	if err := got.writeText(&text); err != nil || !strings.Contains(text.String(), "| expired tokens that the origin saw | 0 |") {
		t.Errorf("error %v, text:\n%s", err, text.String())
	}
}

func TestFleetSettings(t *testing.T) {
	good := fleetSettings{Tokens: 1, TTL: time.Minute, Algorithms: []string{"HS256"}, Hosts: 1, Readers: 1, Rate: 1, Duration: time.Second}
	if err := good.check(); err != nil {
		t.Errorf("check = %v, want nil", err)
	}
	bad := fleetSettings{TTL: 2500 * time.Millisecond, Algorithms: []string{"none"}, CPUs: -1}
	want := "--tokens can be 1 to 1000000\n--ttl can be 2s to 24h, in whole seconds\n" +
		"--algorithm can be HS256, ES256, EdDSA, RS256, or several of them\n--hosts can be 1 to 1000\n" +
		"--readers can be 1 to 1000\n--rate can be 1 to 1000000\n--duration can be 1s to 24h\n--cpus can be 0 to 1024"
	if err := bad.check(); err == nil || err.Error() != want {
		t.Errorf("check = %v, want\n%s", err, want)
	}
}

// TestFleetConfig: egret reads no file that is larger than 1 MiB.
func TestFleetConfig(t *testing.T) {
	dir := t.TempDir()
	f, err := newFleet(&fleetSettings{Tokens: 6000, TTL: time.Minute, Algorithms: []string{"HS256", "EdDSA"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.writeConfig(dir, "127.0.0.1:1", "127.0.0.1:2", []string{"127.0.0.1:3", "127.0.0.1:4"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "conf.d", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tokens := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 1<<20 {
			t.Errorf("%s has %d bytes, want 1 MiB at most", file, len(text))
		}
		tokens += bytes.Count(text, []byte("algorithm:"))
	}
	if tokens != 6000 || len(files) < 2 {
		t.Errorf("%d tokens in %d files, want 6000 in several", tokens, len(files))
	}
}

// TestFleetOrigin has tokens that the origin must not take.
func TestFleetOrigin(t *testing.T) {
	f, err := newFleet(&fleetSettings{Tokens: 2, TTL: time.Minute, Algorithms: []string{"HS256"}})
	if err != nil {
		t.Fatal(err)
	}
	f.keys[0].verify = func(_, signature []byte) bool { return string(signature) == "good" }
	now := time.Now()
	token := func(sub string, iat, exp time.Duration, signature string) string {
		claims := fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, sub, now.Add(iat).Unix(), now.Add(exp).Unix())
		encode := base64.RawURLEncoding.EncodeToString
		return "Bearer " + encode([]byte(`{"alg":"HS256"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte(signature))
	}
	for name, c := range map[string]struct {
		path, authorization, want string
	}{
		"good":            {"/0", token("t0000000", 0, time.Minute, "good"), ""},
		"expired":         {"/0", token("t0000000", -time.Minute, -time.Second, "good"), "the token is expired"},
		"from the future": {"/0", token("t0000000", time.Hour, 2*time.Hour, "good"), "the token of t0000000 is from the future"},
		"another's":       {"/0", token("t0000001", 0, time.Minute, "good"), "got the token of t0000001 for t0000000"},
		"badly signed":    {"/0", token("t0000000", 0, time.Minute, "bad"), "the signature of t0000000 is wrong"},
		"an ID":           {"/0", "Bearer " + fleetID(0), "not a token, but 36 bytes, for t0000000"},
		"nothing":         {"/0", "", `no token, or an unknown path "/0"`},
		"unknown":         {"/2", token("t0000000", 0, time.Minute, "good"), `no token, or an unknown path "/2"`},
	} {
		o := &fleetOrigin{fleet: f, seen: fleetSeen{Requests: verifyEvery - 1}}
		_, err := o.check([]byte(c.path), []byte(c.authorization), now)
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: %s, want %q", name, got, c.want)
		}
	}
}

// TestFleetKeys: what a key is verified with takes no other signature.
func TestFleetKeys(t *testing.T) {
	for name, kind := range keyKinds {
		key, err := kind.newKey()
		if err != nil || key.text == "" {
			t.Fatalf("%s: %v", name, err)
		}
		for _, size := range []int{0, 32, 64, 256} {
			if key.verify([]byte("text"), []byte(rand.Text() + strings.Repeat("x", size))[:size]) {
				t.Errorf("%s verifies %d bytes that nobody signed", name, size)
			}
		}
	}
}
