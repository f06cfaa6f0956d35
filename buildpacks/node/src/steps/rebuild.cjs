// Runs the install scripts of the packages below the given directories, by `npm rebuild`, which
// works on what is installed and needs no network of its own. Arguments: the packages that may run
// scripts, `all`, `trusted` for those that bun trusts, or their names with commas between them;
// then directories below /app.
const fs = require('node:fs');
const { spawnSync } = require('node:child_process');

const [which, ...dirs] = process.argv.slice(2);

function trusted() {
  const done = spawnSync('bun', ['pm', 'default-trusted'], { encoding: 'utf8' });
  if (done.status !== 0) {
    process.stderr.write(`bun does not tell which packages it trusts: ${done.stderr}\n`);
    process.exit(1);
  }
  return [...done.stdout.matchAll(/^\s*-\s*(\S+)/gm)].map((found) => found[1]);
}

const allowed = which === 'all' ? undefined : new Set(which === 'trusted' ? trusted() : which.split(','));
const found = new Map();
const seen = new Set();
// What somebody cannot do without, and what somebody can.
const needed = new Set();
const optional = new Set();

function weigh(manifest, isOwn) {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = manifest;
  const wanted = { ...dependencies, ...(isOwn ? devDependencies : {}) };
  Object.keys(wanted).filter((name) => !(name in optionalDependencies)).forEach((name) => needed.add(name));
  Object.keys(optionalDependencies).forEach((name) => optional.add(name));
}

function visit(dir) {
  const modules = `${dir}/node_modules`;
  if (!fs.existsSync(modules) || seen.has(fs.realpathSync(modules))) {
    return;
  }
  seen.add(fs.realpathSync(modules));
  for (const name of fs.readdirSync(modules)) {
    const names = name.startsWith('@') ? fs.readdirSync(`${modules}/${name}`).map((inner) => `${name}/${inner}`) : [name];
    for (const each of names.filter((each) => !each.startsWith('.'))) {
      const place = `${modules}/${each}`;
      // A link leads to a member of the workspace, or into a store that is visited below.
      if (fs.lstatSync(place).isSymbolicLink() || !fs.existsSync(`${place}/package.json`)) {
        continue;
      }
      const manifest = JSON.parse(fs.readFileSync(`${place}/package.json`, 'utf8'));
      // What a package calls itself is its own word; where it is installed is the lock's.
      const { name: own, scripts = {}, gypfile } = manifest;
      weigh(manifest, false);
      const implied = gypfile !== false && fs.existsSync(`${place}/binding.gyp`);
      if ((scripts.preinstall || scripts.install || scripts.postinstall || implied) && (!allowed || (allowed.has(own) && allowed.has(each)))) {
        found.set(own, [...(found.get(own) ?? []), { place, installed: each }]);
      }
      visit(place);
    }
  }
  for (const store of ['.bun', '.store'].filter((store) => fs.existsSync(`${modules}/${store}`))) {
    fs.readdirSync(`${modules}/${store}`).forEach((id) => visit(`${modules}/${store}/${id}`));
  }
}

function rebuild(names) {
  const words = ['/opt/npm/lib/npm/bin/npm-cli.js', 'rebuild', '--foreground-scripts', ...names];
  return spawnSync('/opt/npm/node', words, { stdio: 'inherit' }).status ?? 1;
}

for (const dir of ['/app', ...dirs.map((dir) => `/app/${dir}`)]) {
  if (fs.existsSync(`${dir}/package.json`)) {
    weigh(JSON.parse(fs.readFileSync(`${dir}/package.json`, 'utf8')), true);
  }
  visit(dir);
}
const names = [...found.keys()].sort();
process.stdout.write(names.length > 0 ? `install scripts of ${names.join(', ')}\n` : 'no package has an install script\n');
// As when a package manager installs: an optional package whose script fails is not there.
const spare = names.filter((name) => found.get(name).every(({ installed }) => optional.has(installed) && !needed.has(installed)));
const firm = names.filter((name) => !spare.includes(name));
const status = firm.length > 0 ? rebuild(firm) : 0;
if (status !== 0) {
  process.exit(status);
}
for (const name of spare) {
  if (rebuild([name]) !== 0) {
    process.stderr.write(`${name} is optional and its install script failed: it is left out\n`);
    found.get(name).forEach(({ place }) => fs.rmSync(place, { recursive: true }));
  }
}
