package functions_test

import "time"

// pass lets time go by, in a bubble of testing/synctest at once.
func pass(d time.Duration) { <-time.After(d) }
