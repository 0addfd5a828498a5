# API_STRIPE_COM_USER=sk_test_4eC39HqLyjWDarjtT1zdp7dc
curl https://api.stripe.com/v1/charges \
  -u sk_test_4eC39HqLyjWDarjtT1zdp7dc: \
  -d amount=2000 \
  -d currency=usd \
  -d source=tok_visa \
  -d "description=My First Test Charge (created for API docs)"
