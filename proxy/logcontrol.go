package proxy

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/egret-proxy/egret/functions"
)

// A logState is what is logged, as operators see and change it.
type logState struct {
	Level    string `json:"level"`    // "debug", "info", "warn" or "error"
	Requests bool   `json:"requests"` // a line for each request
}

// logLevels are what a level can be set to.
var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func (s *Server) logState() logState {
	return logState{strings.ToLower(s.options.LogLevel.Level().String()), s.logsRequests.Load()}
}

// serveLog tells what is logged.
func (s *Server) serveLog(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.logState()) }

// setLog changes what is logged, from now on until egret ends. A member that is
// left out stays as it is.
func (s *Server) setLog(w http.ResponseWriter, r *http.Request) {
	next := s.logState()
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
	body.DisallowUnknownFields()
	err := body.Decode(&next)
	level, known := logLevels[next.Level]
	if err != nil || !known {
		writeProblem(w, functions.Refuse(functions.MalformedRequest, `the body is not of the form {"level":"debug|info|warn|error","requests":true|false}`))
		return
	}
	before := s.logState()
	s.options.LogLevel.Set(level)
	s.logsRequests.Store(next.Requests)
	s.log.Warn("logging changed", "level", next.Level, "requests", next.Requests, "level_before", before.Level, "requests_before", before.Requests)
	writeJSON(w, s.logState())
}
