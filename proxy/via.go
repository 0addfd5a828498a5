package proxy

import "crypto/rand"

// newPseudonym makes the name under which this instance stands in Via fields,
// RFC 9110 section 7.6.3. It is random, so that a chain of two egrets is no
// loop, and so that nothing of the host is told.
func newPseudonym() []byte { return []byte("egret-" + rand.Text()[:10]) }
