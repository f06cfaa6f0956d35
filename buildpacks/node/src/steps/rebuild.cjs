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
const found = new Set();
const seen = new Set();

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
      const { name: own, scripts = {}, gypfile } = JSON.parse(fs.readFileSync(`${place}/package.json`, 'utf8'));
      const implied = gypfile !== false && fs.existsSync(`${place}/binding.gyp`);
      if ((scripts.preinstall || scripts.install || scripts.postinstall || implied) && (!allowed || allowed.has(own))) {
        found.add(own);
      }
      visit(place);
    }
  }
  for (const store of ['.bun', '.store'].filter((store) => fs.existsSync(`${modules}/${store}`))) {
    fs.readdirSync(`${modules}/${store}`).forEach((id) => visit(`${modules}/${store}/${id}`));
  }
}

visit('/app');
dirs.forEach((dir) => visit(`/app/${dir}`));
const names = [...found].sort();
process.stdout.write(names.length > 0 ? `install scripts of ${names.join(', ')}\n` : 'no package has an install script\n');
if (names.length > 0) {
  const words = ['/opt/npm/lib/npm/bin/npm-cli.js', 'rebuild', '--foreground-scripts', ...names];
  process.exit(spawnSync('/opt/npm/node', words, { stdio: 'inherit' }).status ?? 1);
}
