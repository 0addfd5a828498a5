package main

import (
	"slices"
)

// A spread is the median of some values and their quartiles. Half of the values
// lie between the quartiles.
type spread struct {
	Median figure `json:"median"`
	Lower  figure `json:"lower_quartile"`
	Upper  figure `json:"upper_quartile"`
}

// spreadOf describes values. NaN is a value that was not measured: where one
// is, and where there are none, so is the spread.
func spreadOf(values []figure) spread {
	return spread{Median: quantile(values, 0.5), Lower: quantile(values, 0.25), Upper: quantile(values, 0.75)}
}

// median is the middle of the values.
func median(values []figure) figure { return quantile(values, 0.5) }

// quantile interpolates between the two values next to the place that q has in
// the sorted list (the R-7 rule, which spreadsheets use).
func quantile(values []figure, q float64) figure {
	if len(values) == 0 || slices.ContainsFunc(values, figure.isMissing) {
		return missing
	}
	sorted := slices.Sorted(slices.Values(values))
	place := q * float64(len(sorted)-1)
	below := int(place)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + figure(place-float64(below))*(sorted[above]-sorted[below])
}
