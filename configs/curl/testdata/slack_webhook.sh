# HOOKS_SLACK_COM_WEBHOOK=T00000000/B00000000/0a1B2c3D4e5F6g7H8i9J0k1L
curl -X POST --data-urlencode "payload={\"channel\": \"#general\", \"text\": \"posted & done\"}" https://hooks.slack.com/services/T00000000/B00000000/0a1B2c3D4e5F6g7H8i9J0k1L
