package intercept_test

import "time"

// pass lets time pass, in a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }
