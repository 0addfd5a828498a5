package proxy

import "testing"

// Each label has a bound, and each metric of the table is well named.
func TestLabelBounds(t *testing.T) {
	used := map[string]bool{}
	for _, m := range []metric{
		retriesMetric, requestsMetric, durationsMetric, bytesMetric, connectionsMetric, inFlightMetric, journalDroppedMetric, reloadsMetric,
		appliedMetric, buildMetric, tokensMetric, leastLeftMetric, allRefreshesMetric, allLateMetric, makingMetric,
		limitedMetric, circuitMetric, secondsLeftMetric, ageMetric, failuresMetric, refreshesMetric, lateMetric,
	} {
		for _, label := range m.labels {
			used[label] = true
			if labelBounds[label] == "" {
				t.Errorf("%s: the label %s has no bound", m.name, label)
			}
		}
	}
	for label := range labelBounds {
		if !used[label] {
			t.Errorf("no metric has the label %s", label)
		}
	}
}
