package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A conversation is how egretbench and its own children talk: JSON values over
// the child's stdin and stdout. A child whose stdin ends is no longer needed,
// and ends too; that holds on every system, and also when egretbench is killed.
type conversation struct {
	in  *json.Decoder
	out *json.Encoder
}

func newConversation(in io.Reader, out io.Writer) *conversation {
	return &conversation{in: json.NewDecoder(in), out: json.NewEncoder(out)}
}

func (c *conversation) say(value any) error { return c.out.Encode(value) }

func (c *conversation) hear(value any) error { return c.in.Decode(value) }

// ask says one value and hears another.
func (c *conversation) ask(question, answer any) error {
	if err := c.say(question); err != nil {
		return fmt.Errorf("cannot ask: %w", err)
	}
	if err := c.hear(answer); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	return nil
}

// answer is a child's part: it answers each thing said until there is nobody
// left, or ctx ends.
func (c *conversation) answer(ctx context.Context, reply func() any) error {
	ended := make(chan error, 1)
	// It ends with stdin, which is at the latest when the process does.
	go func() { ended <- c.answerAll(reply) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (c *conversation) answerAll(reply func() any) error {
	for {
		var asked done
		if err := c.hear(&asked); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := c.say(reply()); err != nil {
			return err
		}
	}
}
