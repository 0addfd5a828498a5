# SLACK_COM_TOKEN=xoxb-123456789012-abcdefABCDEF
curl -X POST -H 'Authorization: Bearer xoxb-123456789012-abcdefABCDEF' -H 'Content-type: application/json; charset=utf-8' --data '{"channel":"C061EG9SL","text":"I hope the tour went well, Mr. Wonka.","attachments":[{"text":"Who wins?","fallback":"none","actions":[]}]}' https://slack.com/api/chat.postMessage
