# API_COGNITIVE_MICROSOFTTRANSLATOR_COM_OCP_APIM_SUBSCRIPT=0123456789abcdef0123456789abcdef
curl -X POST "https://api.cognitive.microsofttranslator.com/translate?api-version=3.0&from=en&to=de&to=it" -H "Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef" -H "Content-Type: application/json; charset=UTF-8" -d '[{"Text":"Hello, what is your name?"}]'
