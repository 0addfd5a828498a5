package scrub_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"

	"github.com/egret-proxy/egret/proxy/scrub"
)

// owner gives the n-th owner.
func owner(n int) (id uuid.UUID) {
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return id
}

func number(id uuid.UUID) int { return int(binary.BigEndian.Uint32(id[:])) }

// even names the values of owners with an even number, after the first of them.
type even struct{}

func (even) Name(owners []uuid.UUID) (string, bool) {
	for _, id := range owners {
		if number(id)%2 == 0 {
			return fmt.Sprintf("<%d>", number(id)), true
		}
	}
	return "", false
}

// everyone names all values alike.
type everyone struct{}

func (everyone) Name([]uuid.UUID) (string, bool) { return id, true }

// A holding is a value and its owner.
type holding struct {
	owner int
	value string
}

// evenLinear is the linear scrubber of what even names.
func evenLinear(list []holding) *linear {
	var values []scrub.Replacement
	for _, h := range list {
		if h.owner%2 == 0 {
			values = append(values, scrub.Replacement{Value: h.value, With: fmt.Sprintf("<%d>", h.owner)})
		}
	}
	return newLinear(values)
}

// tokens makes JWTs that share their headers and much of their claims, and other
// values that begin like them.
func tokens(random *rand.Rand, n int) []string {
	list := make([]string, n)
	for i := range list {
		const header = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"
		claims := "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoi" + word(random, 4) + "IiwiZXhwIjoxNzY" + word(random, 12)
		token := header + "." + claims + "." + word(random, 86)
		switch random.IntN(8) {
		case 0:
			token = token[:scrub.MinLength+random.IntN(len(token)-scrub.MinLength)] // the beginning of one
		case 1:
			token = word(random, scrub.MinLength+random.IntN(40))
		case 2:
			token = list[random.IntN(max(i, 1))] + word(random, random.IntN(3)) // an equal one, or a little more
		}
		list[i] = token
	}
	return list
}

func word(random *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = base64url[random.IntN(len(base64url))]
	}
	return string(b)
}

// prose makes a text out of whole values, parts of values and other things.
func prose(random *rand.Rand, values []string, n int) string {
	var b strings.Builder
	for range n {
		value := values[random.IntN(len(values))]
		from := random.IntN(len(value) + 1)
		switch random.IntN(7) {
		case 0, 1:
			b.WriteString(value)
		case 2:
			b.WriteString(value[:from])
		case 3:
			b.WriteString(value[from:])
		case 4:
			b.WriteString(value[strings.LastIndexByte(value, '.')+1:])
		case 5:
			b.WriteString(word(random, random.IntN(30)))
		default:
			b.WriteString(`{"sub": "agent", "token": "`)
		}
	}
	return b.String()
}
