package curl

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// A slot is a place in a text for what is not text: a variable of the
// environment, or an argument of the Function. While the command is taken apart,
// it is a number between two characters that no text has: Unicode keeps them for
// use inside of programs, as noncharacters.
type slot struct {
	variable  string // of the environment
	unnamed   bool   // the shell computes it, so its variable gets a name where it stands
	parameter string // of the Function, or what is fixed
}

const slotMarks = "\ufdd0\ufdd1"

var slotPattern = regexp.MustCompile("\ufdd0([0-9]+)\ufdd1")

var errReserved = errors.New("the command has characters that Unicode keeps for the inside of programs")

func hasSlot(s string) bool { return strings.ContainsAny(s, slotMarks) }

// slot gives the text of a new slot.
func (im *importer) slot(s slot) string {
	im.slots = append(im.slots, s)
	return "\ufdd0" + strconv.Itoa(len(im.slots)-1) + "\ufdd1"
}

// A piece is a part of a text: literal, or a slot.
type piece struct {
	text string
	slot *slot
}

// pieces takes a text apart.
func (im *importer) pieces(s string) []piece {
	var all []piece
	at := 0
	for _, m := range slotPattern.FindAllStringSubmatchIndex(s, -1) {
		if m[0] > at {
			all = append(all, piece{text: s[at:m[0]]})
		}
		number, err := strconv.Atoi(s[m[2]:m[3]])
		if err == nil && number < len(im.slots) {
			all = append(all, piece{slot: &im.slots[number]})
		}
		at = m[1]
	}
	if at < len(s) {
		all = append(all, piece{text: s[at:]})
	}
	return all
}

// named gives the variable that a text consists of, or "".
func (im *importer) named(s string) string {
	all := im.pieces(s)
	if len(all) == 1 && all[0].slot != nil && !all[0].slot.unnamed {
		return all[0].slot.variable
	}
	return ""
}

// withoutSlots gives the literal text alone, for the making of names.
func withoutSlots(s string) string { return slotPattern.ReplaceAllString(s, "") }

// mapText changes the literal text alone.
func mapText(s string, change func(string) string) string {
	var b strings.Builder
	at := 0
	for _, m := range slotPattern.FindAllStringIndex(s, -1) {
		b.WriteString(change(s[at:m[0]]))
		b.WriteString(s[m[0]:m[1]])
		at = m[1]
	}
	b.WriteString(change(s[at:]))
	return b.String()
}
