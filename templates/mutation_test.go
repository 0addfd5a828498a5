package templates_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// TestInvariantsCanFail shows for each escaper that the checks of the fuzz
// targets see when it is missing. PlainText has none.
func TestInvariantsCanFail(t *testing.T) {
	tried := make(map[templates.Escaping]bool)
	for _, i := range invariants {
		for _, nasty := range i.nasty {
			v := gjson.Result{Type: gjson.String, Str: nasty}
			if err := i.check(v); err != nil {
				t.Errorf("%s: %q is not right: %v", i.name, nasty, err)
			}
			restore := templates.WithoutEscaping(i.escaping)
			err := i.check(v)
			restore()
			if err == nil {
				t.Errorf("%s: %q without the escaper of %s passes the check", i.name, nasty, i.escaping)
			}
		}
		tried[i.escaping] = len(i.nasty) > 0
	}
	for e := range templates.PlainText {
		if !tried[e] {
			t.Errorf("nothing shows that the escaper of %s is needed", e)
		}
	}
}
