package functions

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// What keeps an answer from having a credential.
var (
	errNoLife   = errors.New("the answer says that it may not be kept")
	errLarge    = fmt.Errorf("the answer is larger than %d KiB", maxExchange>>10)
	errNotThere = errors.New("the answer has no text at the pointer of credential")
)

// maxExchange is how large an answer with a credential may be, in bytes. It is
// kept as long as the credential.
const maxExchange = 1 << 20

// credentialIn takes the credential out of an answer.
func (f *Function) credentialIn(answer *Answer, now time.Time) (caches.Entry, error) {
	if !f.config.IsOK(answer.Status) {
		return caches.Entry{}, f.unwanted(answer)
	}
	if len(answer.Body) > maxExchange {
		return caches.Entry{}, errLarge
	}
	life, ok := f.life(answer, now)
	if !ok {
		return caches.Entry{}, errNoLife
	}
	output := answer.output(f.config.Method)
	value := into(gjson.ParseBytes(output), f.config.Credential)
	if value.Type != gjson.String && value.Type != gjson.Number {
		return caches.Entry{}, errNotThere
	}
	credential := plain(value)
	if len(f.config.Credential) == 0 {
		credential = strings.TrimSpace(credential) // a text as a whole often ends its line
	}
	if credential == "" || !utf8.ValidString(credential) {
		return caches.Entry{}, errNotThere
	}
	// What is pointed out of a large text shares its memory with all of it.
	entry := caches.NewEntry(configs.NewSecret(strings.Clone(credential)), now, life.fresh)
	entry.Answer = configs.NewSecret(string(output))
	return entry, nil
}

// errorCode is an error of RFC 6749 section 5.2, or one like it.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// unwanted is the error of an answer that is not ok. It tells the status, and an
// error code of OAuth.
func (f *Function) unwanted(answer *Answer) error {
	code := into(gjson.ParseBytes(answer.output(f.config.Method)), []string{"error"})
	if code.Type == gjson.String && errorCode.MatchString(code.Str) {
		return fmt.Errorf("it was answered with status %d, %s", answer.Status, code.Str)
	}
	return fmt.Errorf("it was answered with status %d", answer.Status)
}
