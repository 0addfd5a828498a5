# ACME_TOKEN=acme-token-0123456789
# file mydata.jsonl {"prompt": "a"}
# file pictures/a.png not-a-png
# arguments {"file":"eyJwcm9tcHQiOiAiYSJ9","image":"bm90LWEtcG5n"}
curl https://api.acme.test/v1/files -H "Authorization: Bearer $ACME_TOKEN" -F purpose="fine-tune" -F file="@mydata.jsonl" -F 'image=@pictures/a.png;type=image/png;filename=b.png' 
