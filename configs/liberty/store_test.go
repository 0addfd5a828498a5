package liberty_test

import (
	"strings"
	"testing"
)

// What comes of a keyStore with some attributes, and of its passwords.
func TestStore(t *testing.T) {
	for _, test := range []struct {
		store  string // attributes and children of keyStore k
		beside string
		want   string // the entry, or why there is none
	}{
		{`/>`, "", `type: PKCS12|file: resources/security/key.p12`},
		{`location="a.p12"/>`, "", `type: PKCS12|file: resources/security/a.p12`},
		{`location="../a.JKS"/>`, "", `type: JKS|file: resources/a.JKS`},
		{`location="/etc/a" type="jks"/>`, "", `type: JKS|file: "/etc/a"`},
		{`location="C:\a.p12"/>`, "", `type: PKCS12|file: "C:/a.p12"`},
		{`location="${server.config.dir}/a.p12"/>`, "", `type: PKCS12|file: a.p12`},
		{`location="${shared.resource.dir}/security\a.p12"/>`, "", `type: PKCS12|file: "../../shared/resources/security/a.p12"`},
		{`location="${d}/a.p12"/>`, `<variable name="d" value="${server.output.dir}/b"/>`, `type: PKCS12|file: b/a.p12`},
		{`location="${env.DIR}/a.p12"/>`, "", `type: PKCS12|file: "${env:DIR}/a.p12"`},
		{`location="x/${env.DIR}/a.p12"/>`, "", `type: PKCS12|file: "./x/${env:DIR}/a.p12"`},
		{`location="${file:/etc/passwd}"/>`, "", "has a location that cannot be carried over"},
		{`location="safkeyring:///ring" fileBased="false"/>`, "", "is no file"},
		{`location="safkeyringjce://user/ring"/>`, "", "is no file"},
		{`type="JCEKS"/>`, "", "is neither PKCS12 nor JKS"},
		{`password="canary"/>`, "", `|password: "${env:K_PASSWORD}"`},
		{`password="canary"/>`, `<webApplication location="${env.K_PASSWORD}"/>`, `|password: "${env:K_PASSWORD_2}"`},
		{`password="${env.MY}"/>`, "", `|password: "${env:MY}"`},
		{`password="${p}"/>`, `<variable name="p" value="${q}"/><variable name="q" value="${env.MY}"/>`, `|password: "${env:MY}"`},
		{`password="${p.q}"/>`, `<variable name="p.q" value="canary"/>`, `|password: "${env:P_Q}"`},
		{`password="${p.q}"/>`, `<variable name="p.q" defaultValue="canary"/>`, `|password: "${env:P_Q}"`},
		{`password="${p.q}"/>`, "", `|password: "${env:P_Q}"`},
		{`password="${p}"/>`, `<variable name="p" value="${p}"/>`, `|password: "${env:P}"`},
		{`password="${env.A}canary"/>`, "", `|password: "${env:K_PASSWORD}"`},
		{`password="{aes}canary"/>`, "", `|password: "${env:K_PASSWORD}"`},
		{`password="{aes}canary"/>`, `<variable name="wlp.password.encryption.key" value="canary"/>`, `|password: "${env:K_PASSWORD}"|key_passphrase: "${env:WLP_PASSWORD_ENCRYPTION_KEY}"`},
		{`password="canary"><keyEntry name="other" keyPassword="canary"/><keyEntry name="Mine" keyPassword="canary"/></keyStore>`, "", `|password: "${env:K_PASSWORD}"|key_password: "${env:K_KEY_PASSWORD}"`},
		{`newest="canary"/>`, "", "keyStore k: newest"},
	} {
		got := imported(t, `<jwtBuilder id="b" keyStoreRef="k" keyAlias="mine"/><keyStore id="k" `+test.store+test.beside, nil)
		for want := range strings.SplitSeq(test.want, "|") {
			if !strings.Contains(got, want+"\n") || strings.Contains(got, "canary") {
				t.Errorf("<keyStore id=\"k\" %s%s: got no %s, or a secret, in\n%s", test.store, test.beside, want, got)
			}
		}
		if keys := strings.Count(got, "key_passphrase"); keys > 0 && !strings.Contains(test.want, "key_passphrase") {
			t.Errorf("<keyStore id=\"k\" %s%s: got key_passphrase in\n%s", test.store, test.beside, got)
		}
	}
}

// The passwords of two stores are two variables, and one that both name is one.
func TestVariables(t *testing.T) {
	got := imported(t, `<variable name="both" value="canary"/>
		<keyStore id="a-b" location="1" password="1"/><keyStore id="a_b" location="2" password="2"/>
		<keyStore id="c" location="3" password="${both}"/><keyStore id="d" location="4" password="${both}"/>
		<jwtBuilder id="1" keyStoreRef="a-b"/><jwtBuilder id="2" keyStoreRef="a_b"/>
		<jwtBuilder id="3" keyStoreRef="c"/><jwtBuilder id="4" keyStoreRef="d"/><jwtBuilder id="5" keyStoreRef="d"/>`, nil)
	for want, times := range map[string]int{`"${env:A_B_PASSWORD}"`: 1, `"${env:A_B_PASSWORD_2}"`: 1, `"${env:BOTH}"`: 2, "# - BOTH: ": 1, "- name: d\n": 1} {
		if n := strings.Count(got, want); n != times {
			t.Errorf("got %s %d times, want %d, in\n%s", want, n, times, got)
		}
	}
}
