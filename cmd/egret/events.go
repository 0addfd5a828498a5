package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// An event is one of a stream of server-sent events, as the HTML standard
// defines it in section 9.2.
type event struct {
	ID   string // the last one that was sent, this event's or an earlier one's
	Name string // "" is that of a message
	Data string // lines with "\n" between them
}

// maxEvent bounds a line of a stream, and the data of an event, in bytes.
const maxEvent = 1 << 20

// events gives the events of a path to visit, one by one, until the stream or
// the context ends, or visit fails. after is the ID of the last event that was
// seen before, or "".
func (r *remote) events(ctx context.Context, path, after string, visit func(event) error) error {
	request, err := r.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/event-stream")
	if after != "" {
		request.Header.Set("Last-Event-ID", after)
	}
	answer, err := r.send(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // It was only read.
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	if answer.StatusCode != http.StatusOK || strings.TrimSpace(kind) != "text/event-stream" {
		return fmt.Errorf("%s answered with status %d and no events: %w", r.server, answer.StatusCode, errNoEgret)
	}
	err = r.readEvents(answer.Body, after, visit)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// readEvents reads a stream to its end. An event without the empty line that
// ends it was cut off, and is none.
func (r *remote) readEvents(stream io.Reader, after string, visit func(event) error) error {
	lines := bufio.NewScanner(stream) // egret ends its lines with LF, never with CR alone
	lines.Buffer(nil, maxEvent)
	next, data, full := event{ID: after}, []byte(nil), false
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if full {
				next.Data = string(data)
				if err := visit(next); err != nil {
					return err
				}
			}
			next, data, full = event{ID: next.ID}, data[:0], false
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			next.ID = value
		case "event":
			next.Name = value
		case "data":
			if full {
				data = append(data, '\n')
			}
			data, full = append(data, value...), true
			if len(data) > maxEvent {
				return fmt.Errorf("an event of %s has more than %d bytes", r.server, maxEvent)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return &unreachableError{r.server, err}
	}
	return nil
}
