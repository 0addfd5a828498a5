package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// An answer is what one request got. Its body is kept as far as the reader's
// buffer goes, and counted to its end.
type answer struct {
	status int
	body   []byte // valid until the next answer is read
	length int64
	close  bool // the server will close the connection
}

// An answerReader reads answers from one connection: HTTP/1.1 with
// Content-Length or chunks, and no more of it than the systems here send.
type answerReader struct {
	r    *bufio.Reader
	kept []byte // room for the beginning of a body
}

// keepBody is how much of each body is kept to be looked at.
const keepBody = 1 << 10

// newAnswerReader reads from r, up to so many bytes at once. A line of an
// answer's head must fit in.
func newAnswerReader(r io.Reader, atOnce int) *answerReader {
	return &answerReader{r: bufio.NewReaderSize(r, atOnce), kept: make([]byte, 0, keepBody)}
}

var errNoLength = errors.New("the answer has neither Content-Length nor chunks")

// What a head says of the length of the body when it does not say the length.
const (
	noLength int64 = -1
	inChunks int64 = -2
)

// read reads the next answer to its end.
func (a *answerReader) read() (answer, error) {
	var got answer
	line, err := a.line()
	if err != nil {
		return got, err // io.EOF is the end of the connection, between answers
	}
	if got.status, err = parseStatus(line); err != nil {
		return got, err
	}
	length, err := a.fields(&got)
	if err != nil {
		return got, unexpected(err)
	}
	a.kept = a.kept[:0]
	switch length {
	case noLength:
		return got, errNoLength
	case inChunks:
		got.length, err = a.chunks()
	default:
		got.length, err = length, a.take(length)
	}
	got.body = a.kept
	return got, unexpected(err)
}

// fields reads the fields of a head, and gives the length of the body.
func (a *answerReader) fields(got *answer) (length int64, err error) {
	length = noLength
	for {
		line, err := a.line()
		if err != nil || len(line) == 0 {
			return length, err
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case equalFold(name, "content-length"):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil || length < 0 {
				return 0, fmt.Errorf("content-length is %q", value)
			}
		case equalFold(name, "transfer-encoding") && equalFold(value, "chunked"):
			length = inChunks
		case equalFold(name, "connection"):
			got.close = equalFold(value, "close")
		}
	}
}

// parseStatus reads the status out of a line such as "HTTP/1.1 200 OK".
func parseStatus(line []byte) (int, error) {
	if len(line) >= 12 && bytes.HasPrefix(line, []byte("HTTP/1.")) && line[8] == ' ' {
		if status, err := strconv.Atoi(string(line[9:12])); err == nil {
			return status, nil
		}
	}
	return 0, fmt.Errorf("the answer begins with %q", line)
}

// chunks reads a chunked body (RFC 9112 section 7.1) with its trailer.
func (a *answerReader) chunks() (total int64, err error) {
	for {
		line, err := a.line()
		if err != nil {
			return total, err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseInt(string(digits), 16, 64)
		if err != nil || size < 0 {
			return total, fmt.Errorf("a chunk begins with %q", line)
		}
		if size == 0 {
			return total, a.trailer()
		}
		if err := a.take(size); err != nil {
			return total, err
		}
		total += size
		if line, err = a.line(); err != nil || len(line) > 0 {
			return total, errors.Join(err, fmt.Errorf("a chunk ends with %q", line))
		}
	}
}

func (a *answerReader) trailer() error {
	for {
		line, err := a.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

// take reads n bytes of a body, and keeps those for which there is room.
func (a *answerReader) take(n int64) error {
	for n > 0 {
		part, err := a.r.Peek(int(min(n, int64(max(1, a.r.Buffered())))))
		if err != nil {
			return err
		}
		room := cap(a.kept) - len(a.kept)
		a.kept = append(a.kept, part[:min(room, len(part))]...)
		if _, err := a.r.Discard(len(part)); err != nil {
			return err
		}
		n -= int64(len(part))
	}
	return nil
}

// line reads one line, without its end.
func (a *answerReader) line() ([]byte, error) {
	line, err := a.r.ReadSlice('\n')
	if err != nil {
		if len(line) > 0 {
			err = unexpected(err)
		}
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

// unexpected is what the end of the connection is inside an answer.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// equalFold compares with a text in lower case, without the allocation that a
// conversion would cost.
func equalFold(got []byte, lower string) bool {
	if len(got) != len(lower) {
		return false
	}
	for i, c := range got {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
