# TWILIO_ACCOUNT_SID=AC0123456789abcdef
# TWILIO_AUTH_TOKEN=auth-token-0123456789
curl -X POST "https://api.twilio.com/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID/Messages.json" \
--data-urlencode "Body=Hello there & welcome +1" \
--data-urlencode "From=+15017122661" \
--data-urlencode "To=+15558675310" \
-u $TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN
