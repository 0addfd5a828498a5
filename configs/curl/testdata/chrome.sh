# SHOP_ACME_TEST_TOKEN=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLTAxMjM0
# SHOP_ACME_TEST_COOKIE=_ga=GA1.1.1; sid=s%3Acookie-secret-0123456789
# SHOP_ACME_TEST_SESSION_ID=sess-0123456789
curl 'https://shop.acme.test/api/cart?page=2&session_id=sess-0123456789' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLTAxMjM0' \
  -H 'content-type: application/json' \
  -b '_ga=GA1.1.1; sid=s%3Acookie-secret-0123456789' \
  -H 'origin: https://shop.acme.test' \
  -H 'priority: u=1, i' \
  -H 'referer: https://shop.acme.test/cart' \
  -H 'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' \
  --data-raw $'{"note":"Don\'t ring\u0021","count":2}' \
  --compressed
