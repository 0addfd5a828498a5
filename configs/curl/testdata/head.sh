curl -I -A 'probe/1.0' -e https://acme.test/ https://api.acme.test/v1/orders
