package configs_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/egret-proxy/egret/configs"
)

// TestSecretCannotPrint puts a secret, also inside of other values, through
// everything that prints.
func TestSecretCannotPrint(t *testing.T) {
	const canary = "hunter2hunter2"
	s := configs.NewSecret(canary)
	type holder struct {
		S configs.Secret
		P *configs.Secret
		L []configs.Secret
	}
	type hidden struct { // fmt calls no method on an unexported field
		s configs.Secret
		p *configs.Secret
		l []configs.Secret
	}
	values := map[string]any{
		"secret": s, "pointer": &s, "struct": holder{s, &s, []configs.Secret{s}}, "list": []configs.Secret{s},
		"map": map[string]configs.Secret{"a": s}, "any": []any{s},
		"hidden": hidden{s, &s, []configs.Secret{s}}, "pointer to hidden": &hidden{s, &s, nil},
	}
	var forms []string
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%t", "%10s", "%.3s", "%U"} {
			forms = append(forms, name+" "+verb+": "+fmt.Sprintf(verb, v))
		}
		forms = append(forms, fmt.Sprint(v), fmt.Sprintln(v), fmt.Errorf("%w: %v", errNone, v).Error())
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		forms = append(forms, log.String())
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Errorf("JSON of %s: %v", name, err)
		}
		asYAML, _ := yaml.Marshal(v)
		asXML, _ := xml.Marshal(v)
		forms = append(forms, string(asJSON), string(asYAML), string(asXML))
	}
	for _, form := range forms {
		for _, canary := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), canary[:3]} {
			if strings.Contains(form, canary) {
				t.Errorf("got %q in %q, want it masked", canary, form)
			}
		}
	}
}

var errNone = fmt.Errorf("none")

func TestSecret(t *testing.T) {
	s := configs.NewSecret("hunter2")
	if s.Reveal() != "hunter2" || s.Len() != 7 || s.IsZero() || s.String() != "[secret]" {
		t.Errorf("got %q, %d bytes, zero %t, shown %q", s.Reveal(), s.Len(), s.IsZero(), s.String())
	}
	if zero := (configs.Secret{}); !zero.IsZero() || zero.Len() != 0 {
		t.Errorf("got %d bytes in the zero secret, want none", zero.Len())
	}
	text, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"a"`
		S       configs.Secret
	}{S: s})
	if want := "<a><S>[secret]</S></a>"; err != nil || string(text) != want {
		t.Errorf("got XML %s and error %v, want %s", text, err, want)
	}
}
