// Verifies and decrypts what egret made with the npm package jose, in the
// directory that the first argument names. Each line of standard input is a
// case, {"kind": "jws" | "jwe", "algorithm", "key": JWK, "compact"}; each line of
// standard output its answer, {"content"} or {"error"}.
import { webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

globalThis.crypto ??= webcrypto // Node 18 keeps it behind a flag

const entry = createRequire(process.argv[2] + '/').resolve('jose')
const jose = await import(pathToFileURL(entry))

const open = {
  jws: async (one, key) => (await jose.compactVerify(one.compact, key, { algorithms: [one.algorithm] })).payload,
  jwe: async (one, key) => {
    const allowed = { keyManagementAlgorithms: [one.algorithm], contentEncryptionAlgorithms: ['A256GCM'] }
    return (await jose.compactDecrypt(one.compact, key, allowed)).plaintext
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line)
  let answer
  try {
    const content = await open[one.kind](one, await jose.importJWK(one.key, one.algorithm))
    answer = { content: new TextDecoder().decode(content) }
  } catch (error) {
    answer = { error: `${error.code ?? error.name}: ${error.message}` }
  }
  console.log(JSON.stringify(answer))
}
