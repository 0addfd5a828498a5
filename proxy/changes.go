package proxy

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A Difference is what a reload would change, and what would come of it.
type Difference struct {
	configs.Change
	Effect string `json:"effect,omitempty"` // "" when the new one simply holds for new requests
}

// Compare lists what a reload would change if it read a configuration with this
// summary. What needs a restart is measured against what the listeners were
// opened with.
func (s *Server) Compare(next []configs.Entry) []Difference {
	cfg := s.current.Load().cfg
	current := cfg.Summary()
	opened := cfg.AtStart()
	if started := s.started.Load(); started != nil {
		opened = started.AtStart()
	}
	copy(current, opened)
	stores := map[string]bool{}
	for i := range cfg.Functions {
		stores[cfg.Functions[i].Name] = cfg.Functions[i].Cache != ""
	}
	var differences []Difference
	for _, change := range configs.Changes(current, next) {
		differences = append(differences, Difference{change, effectOf(change, opened, stores[change.Name])})
	}
	return differences
}

// effectOf says what comes of a change beside that it holds for new requests.
// opened is what needs a restart, stores whether the change is of a Function
// that stores its answers.
func effectOf(c configs.Change, opened []configs.Entry, stores bool) string {
	of := func(e configs.Entry) bool { return e.Section == c.Section }
	switch {
	case slices.ContainsFunc(opened, of) && c.Name == "":
		return "needs a restart"
	case slices.ContainsFunc(opened, of):
		return "holds for new connections"
	case c.Section == "tokens" && c.Kind != "removed":
		return "its cache is filled anew"
	case c.Section == "functions" && c.Kind == "changed" && stores:
		return "the answers that it has stored are not used any more"
	case c.Section == "clients" && c.Kind == "removed":
		return "its key is refused"
	}
	return ""
}

// maxSummary bounds the summary of a configuration, in bytes. An entry has some
// hundred.
const maxSummary = 64 << 20

// serveCompare answers what a reload would change. It is sent the sums of the
// other configuration and keeps its own to itself.
func (s *Server) serveCompare(w http.ResponseWriter, r *http.Request) {
	var next struct {
		Entries []configs.Entry `json:"entries"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSummary)).Decode(&next); err != nil || next.Entries == nil {
		writeProblem(w, functions.Refuse(functions.MalformedRequest, `the body is not of the form {"entries":[{"section","name","digest"}]}`))
		return
	}
	writeJSON(w, struct {
		File    string       `json:"file"`
		Changes []Difference `json:"changes"`
	}{s.current.Load().cfg.File, append([]Difference{}, s.Compare(next.Entries)...)})
}
