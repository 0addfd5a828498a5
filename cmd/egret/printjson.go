package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// printJSON prints a JSON text: for a person indented and in colours, for
// anything else byte for byte, on a line.
func printJSON(w io.Writer, text []byte) error {
	text = append(bytes.TrimSuffix(text, []byte("\n")), '\n')
	if isTerminal(w) {
		text = shownJSON(text, isColoured(w))
	}
	_, err := w.Write(text)
	return err
}

// shownJSON indents a JSON text. What a terminal could take for an order is
// escaped, which does not change what the JSON means.
func shownJSON(text []byte, coloured bool) []byte {
	var indented bytes.Buffer
	text = bytes.ToValidUTF8(bytes.TrimSpace(text), []byte("\uFFFD"))
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return append(harmless(text), '\n') // It is no JSON, and nothing is known of it.
	}
	rest, dst := append(indented.Bytes(), '\n'), []byte(nil)
	for len(rest) > 0 {
		token, kind := nextToken(rest)
		rest = rest[len(token):]
		if !coloured {
			kind = plain
		}
		dst = kind.append(dst, harmless(token))
	}
	return dst
}

// nextToken cuts a string, a number or a word off a JSON text, or what stands
// between them.
func nextToken(text []byte) ([]byte, colour) {
	const structure = "{}[]:, \n"
	if text[0] == '"' {
		end := 1
		for end < len(text)-1 && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		if end+1 < len(text) && text[end+1] == ':' {
			return text[:end+1], member
		}
		return text[:end+1], quoted
	}
	if end := bytes.IndexAny(text, structure); end != 0 {
		if end < 0 {
			end = len(text)
		}
		return text[:end], literal
	}
	end := 1
	for end < len(text) && bytes.IndexByte([]byte(structure), text[end]) >= 0 {
		end++
	}
	return text[:end], plain
}

// harmless escapes, in the way of JSON, what cannot be seen. Only strings have
// any of it.
func harmless(token []byte) []byte {
	invisible := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if bytes.IndexFunc(token, invisible) < 0 {
		return token
	}
	var dst []byte
	for _, r := range string(token) {
		switch {
		case !invisible(r):
			dst = utf8.AppendRune(dst, r)
		case r > 0xFFFF:
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
	}
	return dst
}
