// Puts a package manager into /opt/manager: a lock file of one package, so that npm takes no other
// version and no other bytes. Arguments: what people type, the package, and the hash that
// `packageManager` names, or nothing: `sha512:…` of the archive, or of its file behind a `#`.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');

const [name, packed, wanted] = process.argv.slice(2);
const answer = (kind) => readFileSync(`/packwright/node/${name}-${kind}`, 'utf8').trim();
const version = answer('version');
const place = '/tmp/packwright-manager';

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function npm(...words) {
  const done = spawnSync('/opt/npm/npm', words, { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) {
    process.exit(done.status ?? 1);
  }
}

const dependencies = { [packed]: version };
const packages = {
  '': { dependencies },
  [`node_modules/${packed}`]: { version, integrity: answer('integrity') },
};
mkdirSync(place, { recursive: true });
writeFileSync(`${place}/package.json`, JSON.stringify({ private: true, dependencies }));
writeFileSync(`${place}/package-lock.json`, JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
npm('ci', '--ignore-scripts');
const found = `${place}/node_modules/${packed}`;

if (wanted) {
  const [, algorithm, digits, file] = /^(\w+):(\w+)(?:#(.+))?$/.exec(wanted);
  let bytes;
  if (file) {
    bytes = readFileSync(`${found}/${file}`);
  } else {
    npm('pack', '--ignore-scripts', `${packed}@${version}`);
    bytes = readFileSync(`${place}/${readdirSync(place).find((entry) => entry.endsWith('.tgz'))}`);
  }
  const got = createHash(algorithm).update(bytes).digest('hex');
  if (got !== digits) {
    fail(`${name} ${version} has the ${algorithm} ${got}, \`packageManager\` in package.json wants ${digits}`);
  }
}

// Two names of one program are two scripts: a link would not survive every archive format.
mkdirSync('/opt/manager/bin', { recursive: true });
const { bin } = JSON.parse(readFileSync(`${found}/package.json`, 'utf8'));
for (const [command, file] of Object.entries(typeof bin === 'string' ? { [name]: bin } : bin)) {
  const script = `#!/bin/sh\nexec node /opt/manager/lib/${file.replace(/^\.\//, '')} "$@"\n`;
  writeFileSync(`/opt/manager/bin/${command}`, script);
  chmodSync(`/opt/manager/bin/${command}`, 0o755);
}
cpSync(found, '/opt/manager/lib', { recursive: true });
rmSync(place, { recursive: true });
