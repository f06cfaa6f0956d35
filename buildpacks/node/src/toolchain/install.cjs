// Installs exactly the release of a tool that was found, by npm, which checks its digest.
// Arguments: the tool, then pairs of a processor and its package.
const { spawnSync } = require('node:child_process');
const { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');

// The words after the file, or after `-e`.
const [tool, ...pairs] = process.argv.slice(require.main === module ? 2 : 1);
const answer = (kind) => readFileSync(`/packwright/node/${tool}-${kind}`, 'utf8').trim();
const version = answer('version');

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const index = pairs.indexOf(process.arch);
if (index < 0) {
  fail(`there is no package of ${tool} for the processor ${process.arch}`);
}
const name = pairs[index + 1];

// A lock file of one package: npm takes no other version and no other bytes.
const place = `/tmp/packwright-${tool}`;
const dependencies = { [name]: version };
const packages = {
  '': { dependencies },
  [`node_modules/${name}`]: { version, integrity: answer('integrity') },
};
mkdirSync(place, { recursive: true });
writeFileSync(`${place}/package.json`, JSON.stringify({ private: true, dependencies }));
writeFileSync(`${place}/package-lock.json`, JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
const done = spawnSync('/opt/npm/npm', ['ci', '--ignore-scripts'], { cwd: place, stdio: 'inherit' });
if (done.status !== 0) {
  process.exit(done.status ?? 1);
}

const found = `${place}/node_modules/${name}`;
mkdirSync(`/opt/${tool}/bin`, { recursive: true });
cpSync(`${found}/bin/${tool}`, `/opt/${tool}/bin/${tool}`);
chmodSync(`/opt/${tool}/bin/${tool}`, 0o755);
const said = spawnSync(`/opt/${tool}/bin/${tool}`, ['--version'], { encoding: 'utf8' });
if (said.status !== 0 || said.stdout.trim().replace(/^v/, '') !== version) {
  fail(`${name} ${version} does not run here: ${(said.error?.message ?? said.stderr ?? '').trim() || said.stdout}`);
}

// What a native module is compiled against; OpenSSL's own for other machines is most of it.
if (tool === 'node') {
  const headers = '/opt/node-dev/include/node';
  const own = { x64: 'linux-x86_64', arm64: 'linux-aarch64' }[process.arch];
  mkdirSync(headers, { recursive: true });
  cpSync(`${found}/include/node`, headers, { recursive: true });
  const machines = `${headers}/openssl/archs`;
  for (const machine of existsSync(machines) ? readdirSync(machines) : []) {
    if (machine !== own) {
      rmSync(`${machines}/${machine}`, { recursive: true });
    }
  }
}
rmSync(place, { recursive: true });
