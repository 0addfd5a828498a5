# API_ACME_TEST_X_AUTH_TOKEN=del-0123456789
curl -X DELETE 'https://api.acme.test/v1/orders/A%2D1001?force=true' -H 'X-Auth-Token: del-0123456789' -H 'Idempotency-Key: 7d9e8f00-0000-4000-8000-000000000000' 
