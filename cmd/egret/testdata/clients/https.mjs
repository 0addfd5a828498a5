import https from 'node:https'

const [url, token] = process.argv.slice(2)

https.get(url, { headers: { Authorization: `Bearer ${token}` } }, (response) => {
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
  response.pipe(process.stdout)
})
