package curl

import (
	"net/url"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// emptyPasswords are what stands for a password where the user is the credential.
var emptyPasswords = []string{"", "x", "X", "api_token", "x-oauth-basic", "api"}

// authorize gives the key basic of a request, and the value of Authorization that
// options other than -H make. As with curl, -H counts more than they do.
func (im *importer) authorize(c *command, t *target, fields []*field) (basic string, kept []*field, err error) {
	given, kept := findField(fields, "Authorization"), fields
	credentials, hasBasic := c.user, c.hasUser
	if t.hasUser && !hasBasic {
		credentials, hasBasic = unescaped(t.user), true
	}
	switch {
	case given != nil && len(given.values) == 1:
		if err := checkScheme(given.values[0]); err != nil {
			return "", nil, err
		}
		if credentials, hasBasic = basicOf(given.values[0]); !hasBasic {
			return "", fields, nil
		}
		kept = slices.DeleteFunc(slices.Clone(fields), func(f *field) bool { return f == given })
	case given != nil:
		return "", fields, nil
	case c.bearer != "":
		return "", append(fields, &field{"Authorization", []string{"Bearer " + c.bearer}}), nil
	}
	if !hasBasic {
		return "", fields, nil
	}
	return im.basic(credentials), kept, nil
}

func unescaped(userinfo string) string {
	return mapText(userinfo, func(text string) string {
		if s, err := url.PathUnescape(text); err == nil {
			return s
		}
		return text
	})
}

// basic writes the user and the password of a request. The password is the
// credential, unless it is none and the user is.
func (im *importer) basic(credentials string) string {
	user, password, ok := strings.Cut(credentials, ":")
	if !ok {
		im.leave("a password: curl asks for it")
		password = im.slot(slot{unnamed: true})
	}
	if slices.Contains(emptyPasswords, password) || shapes.MatchString(user) {
		user = im.credential(user, configs.Header, "user", "the user of the Basic credentials")
	}
	if !slices.Contains(emptyPasswords, password) {
		password = im.credential(password, configs.Header, "password", "the password of the Basic credentials")
	}
	return flow([]pair{{"user", im.template(user)}, {"password", im.template(password)}})
}

// flow writes a mapping on one line.
func flow(pairs []pair) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.key + ": " + p.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// block writes a mapping behind its key, a line for each pair. The keys are not
// YAML yet.
func block(pairs []pair, indent string) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteString("\n" + indent + yamltext.Quote(p.key) + ": " + p.value)
	}
	return b.String()
}
