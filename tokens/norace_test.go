//go:build !race

package tokens_test

const underRace = false
