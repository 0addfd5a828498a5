package wire

// A Fault is what is wrong with a head. It quotes nothing of it.
type Fault uint8

// The faults.
const (
	_ Fault = iota
	BareLineFeed
	BareCarriageReturn
	Folded
	FieldName
	FieldValue
	NoColon
	NoEnd
	NoTarget
	TargetByte
	TargetPercent
	StatusLine
	ManyFields
	Length
	LengthTwice
	LengthAndCoding
	Coding
	CodingTwice
	CodingOfHTTP10
	Chunk
)

var faults = [...]string{
	BareLineFeed:       "a header line ends without a carriage return",
	BareCarriageReturn: "a carriage return stands inside a header line",
	Folded:             "a header line is folded",
	FieldName:          "the name of a header field is not a token",
	FieldValue:         "a header field holds a control character",
	NoColon:            "a header line has no colon",
	NoEnd:              "the head does not end",
	NoTarget:           "the request has no target",
	TargetByte:         "the request's target holds a character that no URI may have",
	TargetPercent:      "the request's target holds a percent sign that begins no octet",
	StatusLine:         "the status line is not well formed",
	ManyFields:         "the head has too many fields",
	Length:             "Content-Length is not a number",
	LengthTwice:        "Content-Length is stated twice",
	LengthAndCoding:    "both Content-Length and Transfer-Encoding are stated",
	Coding:             "Transfer-Encoding is other than chunked",
	CodingTwice:        "Transfer-Encoding is stated twice",
	CodingOfHTTP10:     "HTTP/1.0 has no Transfer-Encoding",
	Chunk:              "a chunk is not well formed",
}

// Error gives a sentence.
func (f Fault) Error() string { return faults[f] }
