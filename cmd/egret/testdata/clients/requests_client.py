import sys

import requests

url, token = sys.argv[1:]
response = requests.get(url, headers={"Authorization": f"Bearer {token}"})
response.raise_for_status()
print(response.json())
