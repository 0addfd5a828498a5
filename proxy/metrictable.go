package proxy

import (
	"github.com/prometheus/client_golang/prometheus"
)

// A metric is one thing that egret measures: its name, what it says, and its
// labels. Every label has a bound, which does not depend on what callers send:
// see labelBounds.
type metric struct {
	name   string
	help   string
	labels []string
}

// All metrics of egret. Their names and labels are part of what operators build
// on: dashboards and alerts.
var (
	requestsMetric = metric{
		"egret_requests_total",
		"Requests, by the way in, the status that was answered, and the code of a refusal (empty without one).",
		[]string{"way", "status", "code"},
	}
	durationsMetric = metric{
		"egret_request_duration_seconds",
		"Time from the head of a request to the head of its answer, by the way in.",
		[]string{"way"},
	}
	bytesMetric = metric{
		"egret_client_bytes_total",
		"Bytes on the connections of clients, by direction (received or sent).",
		[]string{"direction"},
	}
	connectionsMetric = metric{
		"egret_client_connections",
		"Connections of clients that are open.", nil,
	}
	inFlightMetric = metric{
		"egret_requests_in_flight",
		"Requests on the data plane that are being handled.", nil,
	}
	journalDroppedMetric = metric{
		"egret_journal_dropped_total",
		"Records that are missing in the journal's file, because it could not be written in time.", nil,
	}
	retriesMetric = metric{
		"egret_retries_total",
		"Requests of Functions that were sent once more, by the reason (unsent, unanswered, status or renewed).",
		[]string{"reason"},
	}
	limitedMetric = metric{
		"egret_limited_total",
		"Requests refused with too_many_requests, by whose limit it was (client, function or host).",
		[]string{"scope"},
	}
	circuitMetric = metric{
		"egret_circuit_open",
		"1 while requests of Functions to a host are not sent, because those before have failed; else 0.",
		[]string{"host"},
	}
	reloadsMetric = metric{
		"egret_config_reloads_total",
		"Configurations read again, by result (applied, restart_needed or refused).",
		[]string{"result"},
	}
	appliedMetric = metric{
		"egret_config_applied_timestamp_seconds",
		"When the configuration that holds now was applied, as Unix time.", nil,
	}
	buildMetric = metric{
		"egret_build_info",
		"Always 1; the label has the version.",
		[]string{"version"},
	}

	tokensMetric = metric{
		"egret_tokens",
		"Token caches, by state: fresh, failing (the last attempt failed, the value can still be used) or missing (no usable value).",
		[]string{"state"},
	}
	leastLeftMetric = metric{
		"egret_tokens_least_seconds_left",
		"The least of all seconds left, 0 when a token cache has no value.", nil,
	}
	allRefreshesMetric = metric{
		"egret_tokens_refreshes_total",
		"Values made for all token caches, by result (ok or failed).",
		[]string{"result"},
	}
	allLateMetric = metric{
		"egret_tokens_late_refreshes_total",
		"Values of all token caches that could not be handed out any more before there was another.", nil,
	}
	makingMetric = metric{
		"egret_token_make_duration_seconds",
		"Time to make a value for a token cache, by result (ok or failed).",
		[]string{"result"},
	}
	secondsLeftMetric = metric{
		"egret_token_seconds_left",
		"Seconds until the current value of a token cache expires, 0 without one.",
		[]string{"cache"},
	}
	ageMetric = metric{
		"egret_token_age_seconds",
		"Seconds since the current value of a token cache was made.",
		[]string{"cache"},
	}
	failuresMetric = metric{
		"egret_token_failures",
		"Failed attempts to make a value for a token cache since the last success.",
		[]string{"cache"},
	}
	refreshesMetric = metric{
		"egret_token_refreshes_total",
		"Values made for token caches, by cache and result (ok or failed).",
		[]string{"cache", "result"},
	}
	lateMetric = metric{
		"egret_token_late_refreshes_total",
		"Values of a token cache that could not be handed out any more before there was another.",
		[]string{"cache"},
	}
)

// maxSeries is how many hosts, and how many caches, have metrics of their own: the
// first ones of the configuration. The others share the label otherSeries, so that
// 100,000 of them do not make 100,000 series.
const maxSeries = 1000

// otherSeries is no name of a host or a cache: those have no parentheses.
const otherSeries = "(other)"

// labelBounds says how many values each label can have.
var labelBounds = map[string]string{
	"way":       "one of the ways in",
	"status":    "a status of HTTP, or 0 for an answer that never began",
	"code":      "a code of docs/http.md, or empty",
	"direction": "received or sent",
	"result":    "applied, restart_needed or refused; ok or failed",
	"reason":    "unsent, unanswered, status or renewed",
	"version":   "that of this build",
	"state":     "fresh, failing or missing",
	"scope":     "client, function or host",
	"host":      "the first hosts to which the configuration's Functions lead, as many as maxSeries, and one for the others",
	"cache":     "the first token caches of the configuration, as many as maxSeries, and one for the others",
}

func (m metric) counter() prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: m.name, Help: m.help})
}

func (m metric) counters() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.name, Help: m.help}, m.labels)
}

// counted is a counter that is kept elsewhere. values are those of its labels.
func (m metric) counted(read func() float64, values ...string) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.name, Help: m.help, ConstLabels: m.labelled(values)}, read)
}

// gauge is a figure that is read when it is asked for.
func (m metric) gauge(read func() float64, values ...string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.name, Help: m.help, ConstLabels: m.labelled(values)}, read)
}

func (m metric) histograms(buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.name, Help: m.help, Buckets: buckets}, m.labels)
}

func (m metric) desc() *prometheus.Desc { return prometheus.NewDesc(m.name, m.help, m.labels, nil) }

func (m metric) labelled(values []string) prometheus.Labels {
	labels := prometheus.Labels{}
	for i, value := range values {
		labels[m.labels[i]] = value
	}
	return labels
}
