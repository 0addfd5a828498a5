package main

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// isTerminal reports whether a person reads what is written there.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// isColoured reports whether what is written there may have colours: on a
// terminal that has them, unless NO_COLOR is set and not empty
// (https://no-color.org). A console of Windows may have to be told first, and
// is left alone.
func isColoured(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && runtime.GOOS != "windows"
}

// A colour is what selects it, ECMA-48 section 8.3.117.
type colour string

// The colours, each for what it stands for.
const (
	plain   colour = ""
	failure colour = "1;31" // bold red
	advice  colour = "36"   // cyan
	member  colour = "34"   // blue
	quoted  colour = "32"   // green
	literal colour = "33"   // yellow
)

// append appends a text in this colour.
func (c colour) append(dst []byte, text []byte) []byte {
	if c == plain {
		return append(dst, text...)
	}
	dst = append(append(append(dst, "\x1b["...), c...), 'm')
	return append(append(dst, text...), "\x1b[0m"...)
}
