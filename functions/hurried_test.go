package functions_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// Who is asked when most of the time is over is not to blame for being late.
func TestHurried(t *testing.T) {
	const more = `
  - {name: fill, url: "https://api.acme.test/fill", cache: results}
  - {name: use, url: "https://api.acme.test/use", timeout: 10s, fixed: {v: 22222222-2222-3333-4444-555555555555}, query: {v: </v>}}
  - {name: again, url: "https://api.acme.test/again", timeout: 10s, retry: {statuses: [429]}}
`
	tests := []struct {
		name, function string
		fill           time.Duration
		rest           string // Retry-After
		patience       time.Duration
		want           []bool // of the requests to the Function's own URL
	}{
		{"in time", "use", time.Second, "", 0, []bool{false}},
		{"slow value", "use", 6 * time.Second, "", 0, []bool{true}},
		{"caller", "use", 0, "", 9 * time.Second, []bool{true}},
		{"patient caller", "use", 0, "", 20 * time.Second, []bool{false}},
		{"again", "again", 0, "1", 0, []bool{false, false}},
		{"again, late", "again", 0, "8", 0, []bool{false, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, more)
				var got []bool
				w.sender.answer = func(_ context.Context, r *sentRequest) (*reply, error) {
					if r.Target == "/fill" {
						<-time.After(tt.fill)
						return jsonAnswer(200, `"a"`), nil
					}
					answer := jsonAnswer(200, `{}`)
					if got = append(got, r.Hurried); tt.rest != "" && len(got) == 1 {
						answer.Status = 429
						answer.Header = append(answer.Header, templates.Field{Name: "Retry-After", Value: tt.rest})
					}
					return answer, nil
				}
				w.call(t, functions.Call{Function: tt.function, Timeout: tt.patience})
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				w.results.Wait()
			})
		})
	}
}
