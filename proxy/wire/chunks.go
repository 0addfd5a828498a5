package wire

// Chunks follows a chunked body, RFC 9112 section 7.1, and knows where it ends.
// It reads strictly: a line ends with CR LF, a length is hexadecimal digits
// without white space around them, and a trailer field is as well formed as one
// of the head. The zero Chunks is at the beginning of a body.
type Chunks struct {
	// Trailer has the lines behind the last chunk, as far as they have come.
	Trailer []byte

	at    chunkState
	left  int64 // of the chunk, in bytes
	count int   // digits of the length, or bytes of the line
}

type chunkState uint8

const (
	atSize      chunkState = iota
	atExtension            // up to the end of the line
	atSizeEnd              // its line feed
	atData
	atDataCR
	atDataLF
	atTrailer // the beginning of a line behind the last chunk
	atName
	atValue
	atValueEnd // its line feed
	atEnd      // the line feed of the last line
)

// Bounds of what is not content.
const (
	maxExtensions = 4 << 10 // of one chunk, in bytes
	maxTrailers   = 8 << 10 // all of them, in bytes
)

// Decode follows the body through text, and moves its content to the beginning
// of text. It tells how much content there is, how much of text belongs to the
// body, and whether the body ends there. The error is [Chunk].
func (c *Chunks) Decode(text []byte) (content, used int, done bool, err error) {
	for used < len(text) {
		if c.at == atData {
			n := int(min(c.left, int64(len(text)-used)))
			content += copy(text[content:], text[used:used+n])
			used += n
			if c.left -= int64(n); c.left == 0 {
				c.at = atDataCR
			}
			continue
		}
		if !c.step(text[used]) {
			return content, used, false, Chunk
		}
		used++
		if c.at == atSize && c.left < 0 {
			return content, used, true, nil
		}
	}
	return content, used, false, nil
}

// Reset makes c ready for another body.
func (c *Chunks) Reset() { *c = Chunks{Trailer: c.Trailer[:0]} }

// step takes a byte that is not content. It reports whether it may stand there.
// Behind the last byte of the body left is negative.
func (c *Chunks) step(b byte) bool {
	c.count++
	switch c.at {
	case atSize:
		return c.size(b)
	case atExtension:
		if b == '\r' {
			c.at = atSizeEnd
			return true
		}
		return classes[b]&valueByte != 0 && c.count < maxExtensions
	case atSizeEnd:
		c.at, c.count = atData, 0
		if c.left == 0 {
			c.at = atTrailer
		}
		return b == '\n'
	case atDataCR:
		c.at = atDataLF
		return b == '\r'
	case atDataLF:
		c.at, c.count = atSize, 0
		return b == '\n'
	default:
		return c.trailer(b)
	}
}

func (c *Chunks) size(b byte) bool {
	switch {
	case classes[b]&hexByte != 0:
		digit := int64(b & 0x0f)
		if b > '9' {
			digit += 9
		}
		c.left = c.left<<4 | digit
		return c.count <= 15
	case c.count == 1:
		return false // no digit
	case b == '\r':
		c.at = atSizeEnd
		return true
	default:
		c.at = atExtension
		return b == ';'
	}
}

func (c *Chunks) trailer(b byte) bool {
	if c.count > maxTrailers {
		return false
	}
	c.Trailer = append(c.Trailer, b)
	switch c.at {
	case atTrailer:
		if b == '\r' {
			c.at = atEnd
			return true
		}
		c.at = atName
		return classes[b]&tokenByte != 0
	case atName:
		if b == ':' {
			c.at = atValue
			return true
		}
		return classes[b]&tokenByte != 0
	case atValue:
		if b == '\r' {
			c.at = atValueEnd
			return true
		}
		return classes[b]&valueByte != 0
	case atValueEnd:
		c.at = atTrailer
		return b == '\n'
	default: // atEnd
		c.at, c.left = atSize, -1
		return b == '\n'
	}
}
