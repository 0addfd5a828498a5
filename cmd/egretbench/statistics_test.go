package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sameFigures compares figures, of which missing ones are alike.
var sameFigures = cmp.Comparer(func(a, b figure) bool { return a == b || a.isMissing() && b.isMissing() })

func TestSpreadOf(t *testing.T) {
	none := spread{Median: missing, Lower: missing, Upper: missing}
	tests := []struct {
		name   string
		values []figure
		want   spread
	}{
		{"none", nil, none},
		{"one", []figure{3}, spread{Median: 3, Lower: 3, Upper: 3}},
		{"two", []figure{2, 1}, spread{Median: 1.5, Lower: 1.25, Upper: 1.75}},
		{"odd", []figure{9, 1, 3, 7, 5}, spread{Median: 5, Lower: 3, Upper: 7}},
		{"even", []figure{4, 1, 3, 2}, spread{Median: 2.5, Lower: 1.75, Upper: 3.25}},
		{"an outlier does not count", []figure{1, 1, 1, 1, 1000}, spread{Median: 1, Lower: 1, Upper: 1}},
		{"one missing", []figure{1, missing, 3}, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := append([]figure(nil), tt.values...)
			if diff := cmp.Diff(tt.want, spreadOf(tt.values), sameFigures); diff != "" {
				t.Errorf("spread (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, tt.values, sameFigures); diff != "" {
				t.Errorf("the values were changed:\n%s", diff)
			}
		})
	}
}

func TestFigure(t *testing.T) {
	text, err := json.Marshal([]figure{1.5, missing, 1 / (missing - missing)})
	if got, want := string(text), "[1.5,null,null]"; err != nil || got != want {
		t.Errorf("as JSON %s, %v, want %s", got, err, want)
	}
	if got, want := missing.text(2)+" "+figure(1.236).text(2), "– 1.24"; got != want {
		t.Errorf("as text %s, want %s", got, want)
	}
}
