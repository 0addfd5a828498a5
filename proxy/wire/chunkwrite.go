package wire

import "strconv"

// ChunkRoom is what has to be free in a buffer before the content of a chunk, and
// ChunkEnd what has to be free behind it.
const (
	ChunkRoom = 16
	ChunkEnd  = 2
)

// FrameChunk makes a chunk, RFC 9112 section 7.1, of the n bytes that stand in
// buffer behind ChunkRoom. It is a part of buffer.
func FrameChunk(buffer []byte, n int) []byte {
	var digits [ChunkRoom]byte
	size := append(strconv.AppendInt(digits[:0], int64(n), 16), "\r\n"...)
	begin := ChunkRoom - len(size)
	copy(buffer[begin:], size)
	copy(buffer[ChunkRoom+n:], "\r\n")
	return buffer[begin : ChunkRoom+n+ChunkEnd]
}
