# INFLUX_TOKEN=influx-token-0123456789==
curl --request POST "http://localhost:8086/api/v2/query?org=acme" \
  --header "Authorization: Token $INFLUX_TOKEN" \
  --header "Accept: application/csv" \
  --header "Content-type: application/vnd.flux" \
  --data 'from(bucket:"example") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "cpu")'
