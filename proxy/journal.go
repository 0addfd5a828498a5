package proxy

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/journal"
)

// newJournal makes the journal of a server, which keeps nothing before it runs.
func newJournal(s *Server) *journal.Journal {
	j := journal.New(journal.Options{Log: s.log, Stdout: s.options.Stdout})
	s.metrics.registry.MustRegister(journalDroppedMetric.counted(func() float64 { return float64(j.Dropped()) }))
	return j
}

// ReopenJournal opens the journal's file anew, after a log rotation has given it
// another name. When that fails it goes on with the file that it has, and logs
// why.
func (s *Server) ReopenJournal() error { return s.journal.Reopen() }

// streamPatience is how long a reader of a stream may take for each piece of it.
const streamPatience = 10 * time.Second

// serveJournal streams the journal to an operator.
func (s *Server) serveJournal(w http.ResponseWriter, r *http.Request) {
	query, err := journalQuery(r)
	if err != nil {
		writeProblem(w, asRefusal(err))
		return
	}
	stream, err := s.journal.Open(query)
	switch {
	case errors.Is(err, journal.ErrBusy):
		writeProblem(w, functions.Refuse(functions.TooManyRequests, "too many streams of the journal are open"))
		return
	case err != nil:
		writeProblem(w, functions.Refuse(functions.NotFound, "the journal keeps no records in memory: journal.entries is 0"))
		return
	}
	defer stream.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	patient := func() error { return control.SetWriteDeadline(time.Now().Add(streamPatience)) }
	if patient() != nil {
		return // the connection is gone
	}
	_ = stream.Copy(r.Context(), w, func() error { return errors.Join(control.Flush(), patient()) }) // its error is that the reader has gone
}

// journalQuery reads what an operator wants to see. A parameter that is not
// known is refused: who mistypes refused must not take all for refused.
func journalQuery(r *http.Request) (journal.Query, error) {
	q := journal.Query{Tail: -1}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, malformed("the query cannot be read")
	}
	for name, values := range parameters {
		value := values[0]
		switch {
		case len(values) > 1:
			return q, malformed("the query names a parameter twice")
		case name == "client":
			q.Client = value
		case name == "function":
			q.Function = value
		case name == "refused" && value == "":
			q.Refused = true
		case name == "follow" && value == "":
			q.Follow = true
		case name == "tail":
			if q.Tail, err = strconv.Atoi(value); err != nil || q.Tail < 0 {
				return q, malformed("tail is not a whole number")
			}
		default:
			return q, malformed("the parameters are client, function, tail, and without a value refused and follow")
		}
	}
	if after := r.Header.Get("Last-Event-ID"); after != "" {
		if q.After, err = strconv.ParseUint(after, 10, 64); err != nil {
			return q, malformed("Last-Event-ID is none of this journal")
		}
	}
	return q, nil
}
