package proxy

import (
	"context"
	"log/slog"

	"github.com/egret-proxy/egret/proxy/journal"
)

// logRequest logs a line for a request, with what its record has.
func (s *Server) logRequest(r *journal.Record) {
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs, slog.String("way", r.Way))
	for _, text := range []struct{ key, value string }{
		{"client", r.Client},
		{"method", r.Method},
		{"host", r.Host},
		{"path", r.Target.String()},
		{"function", r.Function},
		{"source", r.Source},
		{"verdict", r.Verdict()},
		{"rule", r.Rule},
		{"code", r.Code},
	} {
		if text.value != "" {
			attrs = append(attrs, slog.String(text.key, text.value))
		}
	}
	attrs = append(attrs, slog.Int("status", r.Status), slog.Int64("bytes_in", r.Received), slog.Int64("bytes_out", r.Sent),
		slog.Float64("duration_ms", float64(r.Total().Microseconds())/1000))
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
}
