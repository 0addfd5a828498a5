package scrub

import "golang.org/x/text/transform"

// Transformer gives a transformer that replaces values in a stream, however it
// is cut. It holds back only bytes that are the beginning of a value, so that
// an event of a stream does not wait for the next one. A caller must be able to
// offer it as many bytes as the longest value has. Each Transformer serves one
// stream.
func (s *Scrubber) Transformer() transform.Transformer {
	if s == nil {
		return transform.Nop
	}
	return &transformer{scrubber: s}
}

type transformer struct {
	scrubber *Scrubber
	// pending is what is left to write of a replacement that did not fit.
	pending string
}

// Reset forgets a replacement that is half written.
func (t *transformer) Reset() { t.pending = "" }

// Transform is as in [transform.Transformer].
func (t *transformer) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for {
		n := copy(dst[nDst:], t.pending)
		nDst, t.pending = nDst+n, t.pending[n:]
		if t.pending != "" {
			return nDst, nSrc, transform.ErrShortDst
		}
		at, r := t.scrubber.find(src[nSrc:], atEOF)
		n = copy(dst[nDst:], src[nSrc:nSrc+at])
		nDst, nSrc = nDst+n, nSrc+n
		switch {
		case n < at:
			return nDst, nSrc, transform.ErrShortDst
		case r != nil:
			nSrc += len(r.Value)
			t.pending = r.With
		case nSrc < len(src):
			return nDst, nSrc, transform.ErrShortSrc
		default:
			return nDst, nSrc, nil
		}
	}
}
