# API_ACME_TEST_TOKEN=hook-token-0123
# API_ACME_TEST_SECRET=hook-secret-0123
# API_ACME_TEST_VALUE=nested-0123456789
# API_ACME_TEST_TOKEN_2=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AAAABBBB
curl -X PATCH https://api.acme.test/v1/hooks/7 -H 'Content-Type: application/merge-patch+json' -d '{"url":"https://acme.test/hook?token=hook-token-0123","secret":"hook-secret-0123","headers":{"authorization":{"value":"nested-0123456789"}},"list":["eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AAAABBBB"],"max_tokens":5}' 
