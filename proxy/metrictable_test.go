package proxy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// Each metric is in docs/http.md with its labels, and each one of the docs is
// there.
func TestMetricsDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(egret_[a-z_]+)` \\| ([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		labels := regexp.MustCompile("`([a-z]+)`").FindAllString(row[2], -1)
		slices.Sort(labels)
		documented[row[1]] = strings.ReplaceAll(strings.Join(labels, " "), "`", "")
	}
	e := start(t, acme+"journal: {entries: 10}\n")
	wantOK(t, e.Call("stored", "{}"))
	_ = e.Reload(acme)
	eventually(t, "every token cache is warm", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	got := map[string]string{}
	for name, series := range scrape(t, e) {
		got[name] = strings.Join(series[0].labels, " ")
	}
	// Nothing has been late yet.
	got["egret_token_late_refreshes_total"] = "cache"
	if diff := cmp.Diff(documented, got); diff != "" {
		t.Errorf("metrics and their labels (-docs +got):\n%s", diff)
	}
}

// Whatever callers send, nothing of it becomes a label, and no series are made
// of it.
func TestMetricsBounded(t *testing.T) {
	e := start(t, acme)
	hostile := func(n int) {
		for i := range n {
			word := fmt.Sprintf("canary%d", i)
			e.Call(word, `{"id":"`+word+`"}`)
			e.Call("order", `{"`+word+`":1}`)
			e.Get("http://"+word+".test/"+word+"?"+word, "X-"+word, word)
			e.Do(strings.ToUpper(word), e.URL+"/"+word, "")
			e.Do("POST", e.URL+"/v1/functions/order?"+word, word, "Content-Type", word)
		}
	}
	count := func() (n int) {
		for name, all := range scrape(t, e) {
			for _, one := range all {
				if strings.Contains(strings.ToLower(one.text), "canary") {
					t.Errorf("%s has a label that a caller sent: %s", name, one.text)
				}
			}
			n += len(all)
		}
		return n
	}
	hostile(1)
	eventually(t, "all five requests are counted", func() bool { // which is done behind their answers
		sum := 0.0
		for _, one := range scrape(t, e)["egret_requests_total"] {
			sum += one.value
		}
		return sum == 5
	})
	before := count()
	hostile(50)
	if after := count(); after != before {
		t.Errorf("there are %d series after requests like those that made %d", after, before)
	}
}

// A series is one line of the metrics.
type series struct {
	text   string   // its labels
	labels []string // their names, sorted
	value  float64
}

// scrape gives the series of egret's metrics, by the name of the metric.
func scrape(t *testing.T, e *proxytest.Egret) map[string][]series {
	t.Helper()
	answer := e.Get(e.AdminURL + "/metrics")
	wantOK(t, answer)
	all := map[string][]series{}
	for line := range strings.SplitSeq(answer.Body, "\n") {
		if !strings.HasPrefix(line, "egret_") {
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		name, text, _ := strings.Cut(line[:space], "{")
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, part)
		}
		value, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		one := series{text: text, value: value}
		for _, label := range regexp.MustCompile(`([a-z]+)="`).FindAllStringSubmatch(text, -1) {
			if label[1] != "le" {
				one.labels = append(one.labels, label[1])
			}
		}
		slices.Sort(one.labels)
		all[name] = append(all[name], one)
	}
	return all
}
