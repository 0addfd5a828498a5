package configs

import "strings"

// didYouMean gives a hint when one of the names is near to s.
func didYouMean(s string, names []string) string {
	if best := nearest(s, names); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// maxLooks is how many names of a configuration are compared for hints in all,
// so that many mistakes among many names take no longer than a few.
const maxLooks = 1 << 18

// near is nearest among the names of a configuration, which may be many.
func (d *decoder) near(s string, names []string) string {
	if d.looks -= len(names); d.looks < 0 {
		return ""
	}
	return nearest(s, names)
}

// nearName is didYouMean among the names of a configuration.
func (d *decoder) nearName(s string, names []string) string {
	if near := d.near(s, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// Nearest gives the name of the list that s was perhaps meant to be, or "".
func Nearest(s string, names []string) string { return nearest(s, names) }

// nearest gives the name with the fewest typing mistakes, or "" when all are
// too far away.
func nearest(s string, names []string) string {
	limit := min(max(len(s)/3, 1), 3)
	best, distance := "", limit+1
	s = strings.ToLower(s)
	for _, name := range names {
		if len(name)-len(s) > limit || len(s)-len(name) > limit {
			continue // Each letter too many is a mistake.
		}
		if d := mistakes(s, strings.ToLower(name)); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// mistakes counts the letters that were left out, added, replaced, or swapped
// with their neighbour (the restricted distance of Damerau and Levenshtein).
// Texts of very different length, and very long ones, are simply far apart.
func mistakes(a, b string) int {
	const far = 64
	if len(a) > far || len(b) > far {
		return far
	}
	var rows [3][far + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, old, row := &rows[(i+1)%3], &rows[(i-1)%3], &rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
