# API_ACME_TEST_TOKEN=bearer-0123456789
curl -fsSL --oauth2-bearer bearer-0123456789 --retry 3 --max-time 7.5 --connect-timeout 2 -o out.json https://api.acme.test/v1/orders
