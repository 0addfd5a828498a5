package functions

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/egret-proxy/egret/templates"
)

// A stored answer is one line of JSON, the status and the fields, and after it
// the body. Values were scrubbed before, so a store holds no credential.
type storedHead struct {
	Status int         `json:"status"`
	Header [][2]string `json:"header"`
}

// encodeAnswer writes an answer for a store.
func encodeAnswer(answer *Answer) ([]byte, error) {
	head := storedHead{Status: answer.Status, Header: make([][2]string, len(answer.Header))}
	for i, field := range answer.Header {
		head.Header[i] = [2]string{field.Name, field.Value}
	}
	line, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("cannot store answer: %w", err)
	}
	data := make([]byte, 0, len(line)+1+len(answer.Body))
	return append(append(append(data, line...), '\n'), answer.Body...), nil
}

// decodeAnswer reads what encodeAnswer wrote.
func decodeAnswer(data []byte) (*Answer, error) {
	line, body, found := bytes.Cut(data, []byte{'\n'})
	var head storedHead
	if !found {
		return nil, fmt.Errorf("cannot read stored answer: no end of its head")
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("cannot read stored answer: %w", err)
	}
	answer := &Answer{Status: head.Status, Header: make([]templates.Field, len(head.Header)), Body: body}
	for i, field := range head.Header {
		answer.Header[i] = templates.Field{Name: field[0], Value: field[1]}
	}
	return answer, nil
}
