package journal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

var (
	noon = time.Date(2026, 11, 21, 13, 0, 0, 7_654_321, time.FixedZone("CET", 3600))
	acme = configs.ID{0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x43, 0x33, 0x84, 0x44, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55}
)

// whole is a record in which everything is said.
func whole() *journal.Record {
	r := &journal.Record{
		Time: noon, CallID: acme, Client: "support-agent", Way: "call", Method: "POST", Host: "api.acme.test:8443",
		Function: "lookup_order", Source: "upstream", Rule: "functions[0]", Status: 200, Received: 321, Sent: 654,
	}
	r.Target.SetText("/orders/{/order_id}?limit")
	r.Took = [journal.Phases]time.Duration{
		journal.Checks: 12_400, journal.Body: 1_000, journal.Values: 2_000, journal.Connect: 3 * time.Millisecond,
		journal.Wait: 10 * time.Millisecond, journal.Answer: time.Second,
	}
	r.AddSwap(journal.Swap{Cache: acme, Surface: configs.Header, KeyID: "2026-11", TokenID: "t-1"})
	r.AddSwap(journal.Swap{Cache: acme, Surface: configs.Body})
	return r
}

func TestRecordJSON(t *testing.T) {
	crowded := &journal.Record{Time: noon}
	for _, surface := range []configs.Surfaces{configs.Header, configs.Query, configs.Body, configs.Path, configs.Header, configs.Header | configs.Query, configs.Header | configs.Body} {
		crowded.AddSwap(journal.Swap{Cache: acme, Surface: surface})
	}
	const id = `{"id":"11111111-2222-4333-8444-555555555555","surface":`
	const none = `"status":0,"bytes_in":0,"bytes_out":0,"ms":{"total":0.000,"checks":0.000,"body":0.000,"values":0.000,"connect":0.000,"wait":0.000,"answer":0.000}}`
	for _, c := range []struct {
		name   string
		record *journal.Record
		want   string
	}{
		{"whole", whole(), `{"time":"2026-11-21T12:00:00.007Z","call_id":"11111111-2222-4333-8444-555555555555","client":"support-agent",` +
			`"way":"call","method":"POST","host":"api.acme.test:8443","path":"/orders/{/order_id}?limit","function":"lookup_order","source":"upstream",` +
			`"caches":[` + id + `"header","jti":"t-1","kid":"2026-11"},` + id + `"body"}],` +
			`"verdict":"allowed","rule":"functions[0]","status":200,"bytes_in":321,"bytes_out":654,` +
			`"ms":{"total":1013.015,"checks":0.012,"body":0.001,"values":0.002,"connect":3.000,"wait":10.000,"answer":1000.000}}`},
		{
			"refused", &journal.Record{Time: noon, Way: "other", Refused: true, Rule: "gate", Code: "malformed_request"},
			`{"time":"2026-11-21T12:00:00.007Z","way":"other","verdict":"refused","rule":"gate","code":"malformed_request",` + none,
		},
		{"many caches", crowded, `{"time":"2026-11-21T12:00:00.007Z","caches":[` +
			id + `"header"},` + id + `"query"},` + id + `"body"},` + id + `"path"}],"more_caches":2,"verdict":"allowed",` + none},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(c.record.AppendJSON(nil))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			if !json.Valid([]byte(got)) {
				t.Error("this is no JSON")
			}
		})
	}
}

// Whatever text comes from outside, what comes out is one line of printable
// JSON that says the same.
func FuzzRecordText(f *testing.F) {
	for _, text := range []string{"plain", "\x1b[31m", "\u009b31m", "a\r\nb\t\x00", `"\`, "\xff\xfe", "\u202e", "\U000e0001", "ä€𝄞", "\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := journal.Record{Client: text}
		r.Target.SetText(text)
		line := r.AppendJSON(nil)
		if !utf8.Valid(line) || strings.ContainsFunc(string(line), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q is not printable", line)
		}
		var got struct{ Client string }
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if want := strings.ToValidUTF8(text, "\xff"); strings.Count(got.Client, "�") < strings.Count(want, "\xff") || utf8.ValidString(text) && got.Client != text {
			t.Errorf("got %q, want %q", got.Client, text)
		}
	})
}

func ExampleRecord_AppendJSON() {
	r := journal.Record{Time: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Way: "forward", Method: "GET", Host: "api.acme.test", Refused: true, Rule: "egress.default", Code: "egress_denied", Status: 403}
	r.Target.Set([]byte("/v1/orders?limit=10&sk_live_1234"))
	line := string(r.AppendJSON(nil))
	fmt.Println(line[:strings.Index(line, `,"status"`)])
	// Output: {"time":"2026-11-21T12:00:00.000Z","way":"forward","method":"GET","host":"api.acme.test","path":"/v1/orders?limit&…","verdict":"refused","rule":"egress.default","code":"egress_denied"
}
