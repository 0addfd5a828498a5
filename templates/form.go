package templates

// A formBody is an application/x-www-form-urlencoded body.
type formBody []param

// NewForm compiles a form. As in a query, a field whose value is one
// placeholder and nothing else repeats for an array and is left out when the
// value is absent or null. A space is written %20, which every reader of a form
// takes as it takes "+".
func NewForm(fields []Param) (Body, error) {
	params, err := compileParams(fields, FormValue)
	if err != nil {
		return nil, err
	}
	return formBody(params), nil
}

func (b formBody) Append(dst []byte, args Arguments) ([]byte, error) {
	return appendParams(dst, b, 0, args)
}

func (b formBody) Placeholders() []Placeholder {
	var list []Placeholder
	for i := range b {
		list = appendPlaceholders(list, b[i].value)
	}
	return list
}
