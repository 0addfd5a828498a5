package tokens_test

import (
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// TestVectors has the examples of the RFCs whose signatures are the same each
// time.
func TestVectors(t *testing.T) {
	for _, c := range []struct {
		name, algorithm, keyType, key, header, payload, want string
	}{
		{
			name:      "RFC 7515 A.1",
			algorithm: "HS256",
			keyType:   "UrlSafeBase64Secret",
			key:       "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
			header:    "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
			payload:   "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
			want: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." +
				"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
				"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		},
		{
			name:      "RFC 8037 A.4",
			algorithm: "EdDSA",
			keyType:   "EdDer",
			key:       "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
			header:    `{"alg":"EdDSA"}`,
			payload:   "Example of Ed25519 signing",
			want: "eyJhbGciOiJFZERTQSJ9." +
				"RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
				"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := tokens.Sign(c.algorithm, c.keyType, configs.NewSecret(c.key), c.header, c.payload)
			if err != nil || got != c.want {
				t.Errorf("signed %s, %v\nwant   %s", got, err, c.want)
			}
		})
	}
}
