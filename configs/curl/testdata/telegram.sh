# API_TELEGRAM_ORG_TOKEN=bot123456789:AAE0123456789abcdefghijklmnopqrstuvw
curl "https://api.telegram.org/bot123456789:AAE0123456789abcdefghijklmnopqrstuvw/sendMessage" -d chat_id=42 -d text="Hello \$5"
