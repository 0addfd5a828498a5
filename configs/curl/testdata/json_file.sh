# SEARCH_ACME_TEST_PASSWORD=changeme-0123456789
# file order.json {"id":1}
# arguments {"data":{"id":1}}
curl -X PUT https://search.acme.test/orders/_doc/1 -H 'Content-Type: application/json' -u elastic:changeme-0123456789 -d @order.json
