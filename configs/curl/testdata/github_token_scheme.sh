# API_GITHUB_COM_TOKEN=0123456789abcdef0123456789abcdef01234567
curl -i -H 'Authorization: token 0123456789abcdef0123456789abcdef01234567' https://api.github.com/user
