# API_MAILGUN_NET_PASSWORD=key-0123456789abcdef0123
curl -s --user 'api:key-0123456789abcdef0123' https://api.mailgun.net/v3/mg.acme.test/messages -F from='Egret <egret@acme.test>' -F to=alice@acme.test -F subject='Hello' -F text='Testing some Mailgun awesomeness; type it' 
