package templates

import "strings"

// parsePath compiles the text from from to to, which is empty or begins with a
// "/".
func (t *urlText) parsePath(from, to int) ([]part, *SyntaxError) {
	if err := t.checkPath(from, to); err != nil {
		return nil, err
	}
	var path []part
	static := from // where the literal text not yet in path begins
	for start := from; start < to; {
		end := t.segmentEnd(start, to)
		if strings.IndexByte(t.text[start:end], mask) >= 0 {
			path = append(path, t.cut(static, end, PathSegment)...)
			path[len(path)-1].segment = true
			static = end
		}
		start = end
	}
	return append(path, t.cut(static, to, PathSegment)...), nil
}

// segmentEnd gives where the segment whose "/" is at start ends.
func (t *urlText) segmentEnd(start, to int) int {
	if at := strings.IndexByte(t.text[start+1:to], '/'); at >= 0 {
		return start + 1 + at
	}
	return to
}

func (t *urlText) checkPath(from, to int) *SyntaxError {
	if at := strings.IndexAny(t.text[from:to], "[]"); at >= 0 {
		return t.badByte(from + at)
	}
	for start := from; start < to; {
		end := t.segmentEnd(start, to)
		if isDots([]byte(t.text[start+1 : end])) {
			return t.wrong(start+1, end-start-1, "a path segment cannot be . or ..", "write the path that it leads to")
		}
		start = end
	}
	return nil
}

// parseQuery compiles the text from from, after the "?", to the end.
func (t *urlText) parseQuery(from int) ([]param, *SyntaxError) {
	if at := strings.IndexAny(t.text[from:], "[]"); at >= 0 {
		return nil, t.badByte(from + at)
	}
	var query []param
	static := from // where the parameters not yet in query begin
	for start := from; start <= len(t.text); {
		end := len(t.text)
		if at := strings.IndexByte(t.text[start:], '&'); at >= 0 {
			end = start + at
		}
		if strings.IndexByte(t.text[start:end], mask) >= 0 {
			if static < start {
				query = append(query, param{name: t.cut(static, start-1, QueryValue)})
			}
			p, err := t.parseParam(start, end)
			if err != nil {
				return nil, err
			}
			query = append(query, p)
			static = end + 1
		}
		start = end + 1
	}
	if static <= len(t.text) {
		query = append(query, param{name: t.cut(static, len(t.text), QueryValue)})
	}
	return query, nil
}

func (t *urlText) parseParam(start, end int) (param, *SyntaxError) {
	text := t.text[start:end]
	first, equals := strings.IndexByte(text, mask), strings.IndexByte(text, '=')
	if equals < 0 || first < equals {
		p := t.placeholder(start + first)
		return param{}, t.wrong(p.Offset, p.Length,
			"a placeholder cannot stand in the name of a query parameter",
			"write ?name={/…}")
	}
	value := t.cut(start+equals+1, end, QueryValue)
	return param{
		name:  t.cut(start, start+equals+1, QueryValue),
		value: value,
		whole: whole(value),
	}, nil
}
