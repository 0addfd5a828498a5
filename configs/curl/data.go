package curl

import (
	"net/url"
	"strings"
)

// from gives the datum with the content of its file.
func (d datum) from(content string) datum {
	if d.lines {
		content = strings.NewReplacer("\r", "", "\n", "").Replace(content)
	}
	if d.encode {
		if content = encoded(content); d.name != "" {
			content = d.name + "=" + content
		}
	}
	return datum{text: content, glued: d.glued}
}

// addData reads --data and --data-ascii: @ names a file, whose line ends are
// taken out.
func addData(c *command, value string) error {
	if file, ok := strings.CutPrefix(value, "@"); ok {
		c.data = append(c.data, datum{file: file, isFile: true, lines: true})
		return nil
	}
	return addRaw(c, value)
}

// addRaw reads --data-raw, where @ is a character like others.
func addRaw(c *command, value string) error {
	c.data = append(c.data, datum{text: value})
	return nil
}

// addBinary reads --data-binary: a file as it is.
func addBinary(c *command, value string) error {
	if file, ok := strings.CutPrefix(value, "@"); ok {
		c.data = append(c.data, datum{file: file, isFile: true})
		return nil
	}
	return addRaw(c, value)
}

// addJSON reads --json.
func addJSON(c *command, value string) error {
	c.json = true
	err := addBinary(c, value)
	c.data[len(c.data)-1].glued = true
	return err
}

// addEncoded reads --data-urlencode: content, =content, name=content, @file or
// name@file.
func addEncoded(c *command, value string) error {
	at := strings.IndexAny(value, "=@")
	switch {
	case at < 0:
		return addRaw(c, encoded(value))
	case value[at] == '@':
		c.data = append(c.data, datum{name: value[:at], file: value[at+1:], isFile: true, encode: true})
		return nil
	case at == 0:
		return addRaw(c, encoded(value[1:]))
	}
	return addRaw(c, value[:at+1]+encoded(value[at+1:]))
}

// addQuery reads --url-query, whose text is encoded like --data-urlencode, unless
// it begins with a plus.
func addQuery(c *command, value string) error {
	if raw, ok := strings.CutPrefix(value, "+"); ok {
		c.query = append(c.query, raw)
		return nil
	}
	name, content, ok := strings.Cut(value, "=")
	switch {
	case !ok:
		c.query = append(c.query, encoded(value))
	case name == "":
		c.query = append(c.query, encoded(content))
	default:
		c.query = append(c.query, name+"="+encoded(content))
	}
	return nil
}

// encoded is what curl_easy_escape gives: a space is %20.
func encoded(s string) string {
	return mapText(s, func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") })
}
