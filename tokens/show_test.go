package tokens_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// TestShow takes a token apart, and has the same in it as Make.
func TestShow(t *testing.T) {
	token := newToken(t, hs256(`{"kid":"k"}`, `{"jti":"7"}`), ttl)
	shown, err := token.Show(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{shown.Header.Reveal(), shown.Claims.Reveal(), shown.Outer.Reveal(), shown.Made.KeyID, shown.Made.TokenID}
	want := []string{`{"alg":"HS256","typ":"JWT","kid":"k"}`, `{"jti":"7",` + times, "", "k", "7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if value := makeValue(t, token, noon); shown.Made.Value.Reveal() != value || shown.Signed.Reveal() != value {
		t.Errorf("shown %s, want %s", shown.Made.Value.Reveal(), value)
	}
	static, err := newToken(t, configs.Token{Value: configs.NewSecret("sk_test_1")}, ttl).Show(t.Context(), noon)
	if err != nil || static.Made.Value.Reveal() != "sk_test_1" || !static.Header.IsZero() || !static.Claims.IsZero() || !static.Signed.IsZero() {
		t.Errorf("a static credential is shown as %q with header %q (%v), want the value alone", static.Made.Value.Reveal(), static.Header.Reveal(), err)
	}
	if printed := fmt.Sprintf("%v %+v %#v", shown, shown, shown); strings.Contains(printed, "HS256") || strings.Contains(printed, "jti") {
		t.Errorf("header or claims are printed: %s", printed)
	}
}
