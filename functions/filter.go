package functions

// A filter copies a JSON text and does something else with values at some places.
// It sees every member, those too whose name stands twice.
type filter struct {
	cursor
	there     act // what to do with a value at one of the places
	elsewhere act // and with one that does not lead to them
	places    places
	dst       []byte
	taken     [][]byte
}

// An act is what a filter does with a value.
type act int

const (
	keep    act = iota
	drop        // the member or element is not there
	replace     // maskedText stands there
	take        // it is noted in taken, and dropped
	enter       // it is an object or array, of which each value is looked at
)

// maskedText stands in the place of what is withheld.
const maskedText = `"(masked)"`

// masked gives a JSON text with maskedText in the places of list.
func masked(text []byte, list places) []byte {
	f := filter{cursor: cursor{text: text}, there: replace, elsewhere: keep, places: list}
	return f.whole()
}

// picked gives what stands at the places of list, within what it stands in. It is
// nil when the text is no object or array.
func picked(text []byte, list places) []byte {
	f := filter{cursor: cursor{text: text}, there: keep, elsewhere: drop, places: list}
	return f.whole()
}

// takenOut gives what stands at the places of list.
func takenOut(text []byte, list places) [][]byte {
	f := filter{cursor: cursor{text: text}, there: take, elsewhere: drop, places: list}
	f.whole()
	return f.taken
}

func (f *filter) whole() []byte {
	f.places = append(places{}, f.places...) // Others use them too.
	f.space()
	f.do(f.choose(0), 0)
	return f.dst
}

// choose says what to do with the value at which f stands, to which the places
// from one on lead.
func (f *filter) choose(from int) act {
	list, first := f.places[from:], f.peek()
	switch {
	case list.here():
		return f.there
	case len(list) == 0 || first != '{' && first != '[':
		return f.elsewhere
	default:
		return enter
	}
}

func (f *filter) do(a act, from int) {
	if a == enter {
		f.enter(from)
		return
	}
	value := f.value()
	switch a { //nolint:exhaustive // The others write nothing.
	case keep:
		f.dst = append(f.dst, value...)
	case replace:
		f.dst = append(f.dst, maskedText...)
	case take:
		f.taken = append(f.taken, value)
	}
}

// enter goes over the values of a container. It calls itself as deeply as the
// text is nested, which is bounded where the text is found valid.
func (f *filter) enter(from int) {
	bracket, end := f.peek(), len(f.places)
	f.dst = append(f.dst, bracket)
	begin := len(f.dst)
	f.at++
	for index := 0; ; index++ {
		name, ok := f.next(bracket == '{')
		if !ok {
			break
		}
		f.places = f.places.below(f.places[from:end], bracket == '{', name, index)
		a := f.choose(end)
		if a != drop && a != take {
			f.lead(name, begin)
		}
		f.do(a, end)
		f.places = f.places[:end]
	}
	f.dst = append(f.dst, closing(bracket))
}

// lead writes what stands before a value of a container that begins at begin.
func (f *filter) lead(name []byte, begin int) {
	if len(f.dst) > begin {
		f.dst = append(f.dst, ',')
	}
	if name != nil {
		f.dst = append(append(f.dst, name...), ':')
	}
}
