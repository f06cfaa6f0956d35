// Takes out of the lock that npm just made the optional packages that it could not find: npm
// passes over them when it makes a lock, and refuses the lock for their absence when it installs.
// Prints their names. The argument is the lock.
const { readFileSync, writeFileSync } = require('node:fs');

const [file] = process.argv.slice(2);
const lock = JSON.parse(readFileSync(file, 'utf8'));

// As Node looks for packages: beside the one that asks, then further up.
function isLocked(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    if (`${at && `${at}/`}node_modules/${name}` in lock.packages) return true;
    if (at === '') return false;
  }
}

const missing = new Set();
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    missing.add(`${name}@${entry.optionalDependencies[name]}`);
    delete entry.optionalDependencies[name];
  }
}
if (missing.size > 0) {
  console.log(`optional, not found, left out: ${[...missing].sort().join(', ')}`);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
