curl https://api.acme.test/v1/orders -H 'Content-Type: application/json' -d @- <<'EOF'
{
  "customer": "c-1",
  "price": "$5"
}
EOF
