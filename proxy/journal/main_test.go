package journal_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pass lets time pass.
func pass(d time.Duration) { <-time.After(d) }

// newJournal makes a journal with this configuration.
func newJournal(t testing.TB, cfg configs.Journal, o journal.Options) *journal.Journal {
	t.Helper()
	j := journal.New(o)
	if err := j.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	return j
}

// add adds records of these clients, the first letter of each: those in upper
// case are of requests that were refused.
func add(j *journal.Journal, clients string) {
	for _, c := range clients {
		name := strings.ToLower(string(c))
		j.Add(&journal.Record{Client: name, Refused: name != string(c), Function: "f" + name})
	}
}

// A memory is what was written to it.
type memory struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (m *memory) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.Write(p)
}

func (m *memory) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.String()
}

// clients are the clients of the records in lines of JSON or of a stream, and
// what a stream says beside.
func clients(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.Contains(line, `"client":"`):
			_, rest, _ := strings.Cut(line, `"client":"`)
			client := rest[:1]
			if strings.Contains(line, `"verdict":"refused"`) {
				client = strings.ToUpper(client)
			}
			out.WriteString(client)
		case strings.HasPrefix(line, `data: {"missed":`):
			fmt.Fprintf(&out, "<%s>", strings.Trim(line, `dat: {"mise}`))
		case line == ":":
			out.WriteString(".")
		}
	}
	return out.String()
}

// read gives what a stream sends that does not follow.
func read(t testing.TB, j *journal.Journal, q journal.Query) string {
	t.Helper()
	s, err := j.Open(q)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var m memory
	if err := s.Copy(t.Context(), &m, flushed); err != nil {
		t.Fatal(err)
	}
	return m.String()
}

func flushed() error { return nil }
