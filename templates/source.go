package templates

// A Source is the text of a template, in the pieces it was put together from.
type Source []Piece

// A Piece is a part of a [Source].
type Piece struct {
	// Text is the piece as it stands in the request.
	Text string
	// Configured says that Text came from ${env:…} or ${file:…}. It is literal
	// whatever it contains, and it is a secret of the Function: when a
	// template is rendered to be shown, "(configured)" stands in its place.
	Configured bool
}

// Text makes a Source of one plain piece.
func Text(s string) Source { return Source{{Text: s}} }
