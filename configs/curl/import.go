package curl

import (
	"errors"
	"fmt"

	"github.com/egret-proxy/egret/configs"
)

// Options change what an import makes. Zero is a good value.
type Options struct {
	Name string // of the Function; "" for one that is made of the request
}

// A Result is what an import made.
type Result struct {
	YAML []byte // egret.yaml, with comments
	// Todo says in sentences what is left to the reader, such as a variable to
	// set. It holds no secret.
	Todo []string
}

// MaxCommand is the longest command that is read, in bytes. A shell's grammar
// nests, and so does what reads it.
const MaxCommand = 256 << 10

// Import reads a command line as it is typed in a POSIX shell or bash, such as
// browsers copy it. Variables of the shell become variables of egret's
// environment.
//
// The error is one sentence, which has nothing of the command in it but names of
// options. What egret cannot do is no error unless the request would be another
// one without it: it is left out with a comment.
func Import(command string, o Options) (*Result, error) {
	if len(command) > MaxCommand {
		return nil, errors.New("the command is longer than 256 KiB")
	}
	im := newImporter()
	words, err := im.shellWords(command)
	if err != nil {
		return nil, err
	}
	return im.run(words, o)
}

// ImportArguments reads the arguments of curl as a shell has passed them on.
func ImportArguments(arguments []string, o Options) (*Result, error) {
	total := 0
	for _, a := range arguments {
		if total += len(a); hasSlot(a) {
			return nil, errReserved
		}
	}
	if total > MaxCommand {
		return nil, errors.New("the command is longer than 256 KiB")
	}
	return newImporter().run(arguments, o)
}

// run makes the file of the words behind curl. A body that is JSON may have what
// YAML cannot say, and is then written as text.
func (im *importer) run(words []string, o Options) (*Result, error) {
	c := &command{left: im.leave}
	if err := c.read(words); err != nil {
		return nil, err
	}
	var problem error
	for _, asText := range []bool{false, true} {
		// What is a credential is known when all has been read once.
		first, attempt := im.clone(), im.clone()
		if _, err := first.function(c, o, asText); err != nil {
			return nil, err
		}
		attempt.known = first.cleared
		result, err := attempt.make(c, o, asText)
		if err == nil {
			return result, nil
		}
		if problem == nil {
			problem = err
		}
	}
	return nil, problem
}

// make writes the file, and reads it as egret check does.
func (im *importer) make(c *command, o Options, asText bool) (*Result, error) {
	f, err := im.function(c, o, asText)
	if err != nil {
		return nil, err
	}
	result := &Result{YAML: im.yaml(f)}
	result.Todo = im.todo(f)
	unset := configs.ReadOptions{AllowUnset: true, Getenv: func(string) (string, bool) { return "", false }}
	_, problems := configs.Parse("egret.yaml", result.YAML, unset)
	switch {
	case len(problems) > 0:
		message := im.hide(im.clearOf(problems[0].Message), 0, "")
		return nil, fmt.Errorf("egret cannot send this request: %s: %s", problems[0].Path, withoutSlots(message))
	case shapes.Match(result.YAML):
		return nil, errors.New("a name in the request is a credential: egret cannot send that")
	}
	return result, nil
}
