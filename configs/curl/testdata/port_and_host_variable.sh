# ACME_HOST=status.acme.test
# ACME_KEY=acme-key-0123456789
curl "https://$ACME_HOST/v1/status?verbose" -H "X-Api-Key: ${ACME_KEY}"
