package tokens_test

import "time"

// pass lets time go by: in a bubble of testing/synctest at once, elsewhere
// between two looks at something that is waited for.
func pass(d time.Duration) { <-time.After(d) }
