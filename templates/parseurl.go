package templates

import "strings"

// ParseURL compiles src: an absolute http or https URL without user info and
// fragment. What is not a placeholder must be valid as RFC 3986 has it, and is
// kept byte for byte; only the host is put into its canonical form. Its error
// is a [*SyntaxError].
func ParseURL(src Source) (*URL, error) {
	t, err := maskURL(src)
	if err == nil {
		err = t.checkBytes()
	}
	if err != nil {
		return nil, err
	}
	u, path, err := t.parseOrigin()
	if err != nil {
		return nil, err
	}
	query := len(t.text)
	if at := strings.IndexByte(t.text[path:], '?'); at >= 0 {
		query = path + at
	}
	if u.path, err = t.parsePath(path, query); err != nil {
		return nil, err
	}
	if query < len(t.text) {
		if u.query, err = t.parseQuery(query + 1); err != nil {
			return nil, err
		}
	}
	return u, nil
}
