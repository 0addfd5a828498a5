package configs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

func TestLimitsOfTheWholeFile(t *testing.T) {
	cfg, err := configs.Load(filepath.Join("testdata", "valid", "whole.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	want := configs.Limits{
		HeaderBytes:           8 << 10,
		HeaderFields:          50,
		AnswerHeaderBytes:     32 << 10,
		Connections:           2000,
		ConnectionsPerAddress: 2000,
		Tunnels:               100,
		Concurrency:           64,
		CallBytes:             1 << 20,
		CallDepth:             32,
		AnswerBytes:           1 << 30,
		HeaderTimeout:         100 * time.Millisecond,
		BodyTimeout:           24 * time.Hour,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           90 * time.Second,
		ConnectTimeout:        90 * time.Second,
		TLSTimeout:            5 * time.Second,
		FirstByteTimeout:      2 * time.Minute,
		StallTimeout:          time.Hour,
		TunnelIdleTimeout:     30 * time.Minute,
		UpstreamIdleTimeout:   4 * time.Second,
		UpstreamIdle:          7,
	}
	if diff := cmp.Diff(want, cfg.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestDefaultLimits(t *testing.T) {
	want := configs.Limits{
		HeaderBytes:           16 << 10,
		HeaderFields:          200,
		AnswerHeaderBytes:     64 << 10,
		Connections:           10_000,
		ConnectionsPerAddress: 4096,
		Tunnels:               4096,
		Concurrency:           4096,
		CallBytes:             10 << 20,
		CallDepth:             500,
		AnswerBytes:           10 << 20,
		HeaderTimeout:         10 * time.Second,
		BodyTimeout:           time.Minute,
		WriteTimeout:          time.Minute,
		IdleTimeout:           75 * time.Second,
		ConnectTimeout:        10 * time.Second,
		TLSTimeout:            10 * time.Second,
		FirstByteTimeout:      time.Minute,
		StallTimeout:          5 * time.Minute,
		TunnelIdleTimeout:     10 * time.Minute,
		UpstreamIdleTimeout:   10 * time.Second,
		UpstreamIdle:          256,
	}
	if diff := cmp.Diff(want, configs.DefaultLimits()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for _, text := range []string{"functions: []\n", "limits: {}\n"} {
		if diff := cmp.Diff(want, good(t, text).Limits); diff != "" {
			t.Errorf("defaults of %q (-want +got):\n%s", text, diff)
		}
	}
}

func TestLimitsWithDefaults(t *testing.T) {
	for _, test := range []struct {
		what      string
		give      configs.Limits
		otherwise func(*configs.Limits) // than the defaults
	}{
		{"nothing", configs.Limits{}, func(*configs.Limits) {}},
		{"negative", configs.Limits{UpstreamIdle: -1, StallTimeout: -1}, func(*configs.Limits) {}},
		{"one", configs.Limits{CallBytes: 5}, func(l *configs.Limits) { l.CallBytes = 5 }},
		{"few connections", configs.Limits{Connections: 5}, func(l *configs.Limits) {
			l.Connections, l.ConnectionsPerAddress = 5, 5
		}},
		{"many connections", configs.Limits{Connections: 20_000}, func(l *configs.Limits) { l.Connections = 20_000 }},
		{"both", configs.Limits{Connections: 5, ConnectionsPerAddress: 7}, func(l *configs.Limits) {
			l.Connections, l.ConnectionsPerAddress = 5, 7
		}},
	} {
		want := configs.DefaultLimits()
		test.otherwise(&want)
		if diff := cmp.Diff(want, test.give.WithDefaults()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	if got := good(t, "limits: {connections: 5}\n").Limits.ConnectionsPerAddress; got != 5 {
		t.Errorf("got %d connections of one address, want all 5", got)
	}
}

// TestBadLimitsKeepTheirDefaults looks at what others go on with.
func TestBadLimitsKeepTheirDefaults(t *testing.T) {
	cfg, problems := parse(t, "limits: {header_bytes: 1, header_fields: 50, idle_timeout: never}\n")
	if len(problems) != 2 {
		t.Errorf("got %d problems, want 2:\n%s", len(problems), problems)
	}
	want := configs.DefaultLimits()
	want.HeaderFields = 50
	if diff := cmp.Diff(want, cfg.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

// documented finds a limit in the documentation: its key, default and range.
var documented = regexp.MustCompile("^\\| `([a-z_]+)` \\| `(\\w+)` \\| `(\\w+)` to `(\\w+)` \\|")

// TestLimitsAreDocumented holds the documentation against what egret does. The
// least and the most must be good, what lies one behind them must not, and the
// message must name both as the documentation does.
func TestLimitsAreDocumented(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	_, section, _ := strings.Cut(string(data), "\n## limits\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		parts := documented.FindStringSubmatch(line)
		if parts == nil {
			continue
		}
		found++
		key, standard, least, most := parts[1], parts[2], parts[3], parts[4]
		if diff := cmp.Diff(configs.DefaultLimits(), good(t, "limits: {"+key+": "+standard+"}\n").Limits); diff != "" {
			t.Errorf("the default of %s (-want +got):\n%s", key, diff)
		}
		limits := "limits: {" + key + ": "
		if key == "connections_per_address" {
			limits = "limits: {connections: 1000000, " + key + ": "
		}
		good(t, limits+least+"}\n")
		good(t, limits+most+"}\n")
		for _, value := range []string{beside(t, least, -1), beside(t, most, 1)} {
			_, problems := parse(t, limits+value+"}\n")
			want := "must be between " + least + " and " + most
			if len(problems) != 1 || problems[0].Message != want {
				t.Errorf("%s: %s: got %v, want that it %s", key, value, problems, want)
			}
		}
	}
	if want := reflect.TypeFor[configs.Limits]().NumField(); found != want {
		t.Errorf("got %d limits in the documentation, want %d", found, want)
	}
}

// beside gives the value that is a step away from a size, a number or a
// duration.
func beside(t *testing.T, value string, step int64) string {
	t.Helper()
	if n, err := configs.ParseSize(value); err == nil {
		return strconv.FormatInt(n+step, 10)
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		t.Fatalf("got %q, want a size, a number or a duration", value)
	}
	return (d + time.Duration(step)).String()
}
