package liberty_test

import (
	"fmt"

	"github.com/egret-proxy/egret/configs/liberty"
)

func Example() {
	files := memory{"server.xml": `<server>
  <jwtBuilder id="partner" issuer="https://acme.test" signatureAlgorithm="HS256" sharedKey="{xor}LDo8LTor" expiresInSeconds="5m"/>
</server>`}
	result, err := liberty.Import("server.xml", files)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.YAML))
	// Output:
	// # Made of server.xml by egret import liberty.
	// #
	// # Set these variables before egret starts. No password and no key is copied into this file.
	// # - PARTNER_SHARED_KEY: the sharedKey of jwtBuilder partner, server.xml:2; its {xor} text can stand there as it is
	//
	// caches:
	//   # Write the hosts that the token may be sent to: server.xml does not know them.
	//   - name: partner
	//     description: "a token as of jwtBuilder partner"
	//     ttl: 5m
	//     hosts: [change-me.invalid]
	//
	// tokens:
	//   # jwtBuilder partner, server.xml:2
	//   - name: partner
	//     cache: partner
	//     algorithm: HS256
	//     shared_key: "${env:PARTNER_SHARED_KEY}"
	//     claims: {token_type: Bearer}
	//     issuer: "https://acme.test"
	//     expires_in: 5m
}
