const [url, token] = process.argv.slice(2)

const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
if (!response.ok) throw new Error(`status ${response.status}`)
console.log(await response.text())
