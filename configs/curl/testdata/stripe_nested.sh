# API_STRIPE_COM_USER=sk_test_4eC39HqLyjWDarjtT1zdp7dc
curl -G https://api.stripe.com/v1/charges -u "sk_test_4eC39HqLyjWDarjtT1zdp7dc:" -d limit=3 --data-urlencode "created[gt]=1700000000" -d "expand[]=data.customer"
