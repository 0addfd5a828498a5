# INFLUX_ACME_TEST_TOKEN=my-influx-token-0123456789
curl -XPOST 'https://influx.acme.test/api/v2/write?bucket=db/rp&precision=s' -H 'Authorization: Token my-influx-token-0123456789' -H 'Content-Type: text/plain; charset=utf-8' --data-binary $'cpu,host=a usage=0.64 1556896326\ncpu,host=b usage={/v} 1556896326' 
