# file notes.txt some notes
# arguments {"data":"some notes"}
curl -T notes.txt -H 'Content-Type: text/plain' https://files.acme.test/notes.txt
