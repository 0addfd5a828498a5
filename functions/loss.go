package functions

// A Loss says what became of a request to an upstream that brought no answer,
// where it may bring one another time. It is set where that is known: a code
// alone does not tell whether anything was sent.
type Loss uint8

// The losses.
const (
	// NoLoss is of a refusal that another attempt would meet again, or that
	// nobody knows the reason of.
	NoLoss Loss = iota
	// Unsent says that nothing of the request was sent: no connection came
	// about, or it broke before.
	Unsent
	// Unanswered says that the request was sent, at least in part, and that no
	// whole answer came back. The upstream may have done what it asks for.
	Unanswered
)
