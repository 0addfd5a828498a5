# OPENAI_API_KEY=sk-proj-0123456789abcdefABCDEF
curl https://api.openai.com/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $OPENAI_API_KEY" \
  -d '{
    "model": "gpt-4o-mini",
    "messages": [
      {"role": "system", "content": "You are a helpful assistant. Write {/name} and </name> and ${env:HOME} as they are."},
      {"role": "user", "content": "Hello!\nTwo lines \"quoted\", \u00fc and \ud83d\ude00"}
    ],
    "temperature": 0.70,
    "max_tokens": 10,
    "stop": null, "n": 1, "stream": false, "seed": 12345678901234567890, "top_p": 1e-1
  }'
