package curl_test

import (
	"fmt"

	"github.com/egret-proxy/egret/configs/curl"
)

func Example() {
	result, err := curl.Import(`curl https://api.acme.test/v1/orders/A-1001 -H "Authorization: Bearer $ACME_TOKEN"`, curl.Options{Name: "lookup_order"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.YAML))
	// Output:
	// # Made of a curl command by egret import curl.
	// #
	// # Set these variables before egret starts. No credential is copied into this file.
	// # - ACME_TOKEN: what stands behind Bearer in the header Authorization
	//
	// caches:
	//   - name: api_acme_test_token
	//     id: 4e861c0b-6781-52f5-8efe-97feedef5562
	//     ttl: 1h
	//     hosts: [api.acme.test]
	//     surfaces: [header]
	//
	// tokens:
	//   - {name: api_acme_test_token, cache: api_acme_test_token, value: "${env:ACME_TOKEN}"}
	//
	// functions:
	//   - name: lookup_order
	//     fixed:
	//       api_acme_test_token: 4e861c0b-6781-52f5-8efe-97feedef5562
	//     method: GET
	//     url: "https://api.acme.test/v1/orders/A-1001"
	//     headers:
	//       Authorization: "Bearer </api_acme_test_token>"
}
