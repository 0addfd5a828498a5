# STORAGE_GOOGLEAPIS_COM_TOKEN=ya29.command-output-0123456789
curl -H "Authorization: Bearer $(gcloud auth print-access-token)" "https://storage.googleapis.com/storage/v1/b?project=acme-prod&maxResults=2"
