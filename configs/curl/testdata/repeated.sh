curl 'https://api.acme.test/v1/search?tag=a&tag=b' -H 'X-Tag: a' -H 'X-Tag: b' -d q=1 -d tag=x -d tag=y
