# LOGIN_SALESFORCE_COM_CLIENT_SECRET=5480938452039845
# LOGIN_SALESFORCE_COM_PASSWORD=mypassword+123
curl -X POST https://login.salesforce.com/services/oauth2/token -d 'grant_type=password' -d 'client_id=3MVG9lKcPoNINVBIPJjdw1J9LLM82Hn' -d 'client_secret=5480938452039845' -d 'username=egret%40acme.test' -d 'password=mypassword%2B123' 
