# OAUTH2_GOOGLEAPIS_COM_CLIENT_SECRET=GOCSPX-0123456789ab
# OAUTH2_GOOGLEAPIS_COM_REFRESH_TOKEN=1//0g-refresh-0123456789
curl -d "client_id=client-1.apps.googleusercontent.com&client_secret=GOCSPX-0123456789ab&refresh_token=1//0g-refresh-0123456789&grant_type=refresh_token" https://oauth2.googleapis.com/token
