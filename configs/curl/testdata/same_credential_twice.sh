# API_ACME_TEST_TOKEN=twice-0123456789
curl "https://api.acme.test/v1/me?access_token=twice-0123456789" -H 'Authorization: Bearer twice-0123456789' -d '{"why":"because twice-0123456789 is everywhere","api_key":"twice-0123456789"}' -H 'Content-Type: application/json' 
