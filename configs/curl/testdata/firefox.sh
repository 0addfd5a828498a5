# SHOP_ACME_TEST_COOKIE=csrftoken=csrf-0123456789
# SHOP_ACME_TEST_CSRFMIDDLEWARETOKEN=form-csrf-0123456789
# SHOP_ACME_TEST_PASSWORD=hunter2-0123456789
curl 'https://shop.acme.test/login' --compressed -X POST -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0' -H 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' -H 'Accept-Language: en-US,en;q=0.5' -H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Content-Type: application/x-www-form-urlencoded' -H 'Origin: https://shop.acme.test' -H 'DNT: 1' -H 'Connection: keep-alive' -H 'Cookie: csrftoken=csrf-0123456789' -H 'Upgrade-Insecure-Requests: 1' --data-raw 'csrfmiddlewaretoken=form-csrf-0123456789&user=alice&password=hunter2-0123456789&next=%2Fcart' 
