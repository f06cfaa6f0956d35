// Takes out of every node_modules what the application does not need to run: whatever cannot be
// reached from the given packages through `dependencies`, installed `optionalDependencies` and
// `peerDependencies` that are not optional, by the rules by which Node finds packages. It works on
// what is installed, so it is the same for every package manager, and what install scripts built
// stays as it is. Arguments: directories of packages below /app, `.` for /app itself; `--also=` and
// names of packages that these need besides, with commas between them; behind `--` the directories
// of packages whose own node_modules is of no use at all.
const fs = require('node:fs');
const path = require('node:path');

const STORES = ['.pnpm', '.bun', '.store'];
const words = process.argv.slice(2);
const end = words.indexOf('--') < 0 ? words.length : words.indexOf('--');
const dirs = words.slice(0, end).filter((word) => !word.startsWith('--also='));
const also = words.slice(0, end).flatMap((word) => (word.startsWith('--also=') ? word.slice(7).split(',') : []));
const starts = dirs.map((dir) => path.resolve('/app', dir));
const unused = words.slice(end + 1).map((dir) => path.resolve('/app', dir));

const manifest = (dir) => {
  try {
    return JSON.parse(fs.readFileSync(`${dir}/package.json`, 'utf8'));
  } catch {
    return {};
  }
};
const real = (place) => {
  try {
    return fs.realpathSync(place);
  } catch {
    return undefined;
  }
};
const list = (dir) => {
  try {
    return fs.readdirSync(dir).sort();
  } catch {
    return [];
  }
};

// Where packages were reached: by the path people see and by the real one.
const kept = new Set();

function find(name, from) {
  for (let dir = from; ; dir = path.dirname(dir)) {
    const place = path.basename(dir) === 'node_modules' ? `${dir}/${name}` : `${dir}/node_modules/${name}`;
    if (real(place)) {
      return place;
    }
    if (dir === path.dirname(dir)) {
      return undefined;
    }
  }
}

const waiting = starts.map((dir) => real(dir)).filter(Boolean);
for (const place of starts.flatMap((dir) => also.map((name) => find(name, dir))).filter(Boolean)) {
  kept.add(place);
  waiting.push(real(place));
}
while (waiting.length > 0) {
  const dir = waiting.pop();
  if (kept.has(`seen ${dir}`)) {
    continue;
  }
  kept.add(`seen ${dir}`).add(dir);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest(dir);
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  for (const name of [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]) {
    const place = find(name, dir);
    if (place) {
      kept.add(place);
      waiting.push(real(place));
    }
  }
}

// Packages of a node_modules, those of scopes too, without what starts with a dot.
function packages(modules) {
  return list(modules).flatMap((name) => {
    if (name.startsWith('.')) {
      return [];
    }
    return name.startsWith('@') ? list(`${modules}/${name}`).map((inner) => `${name}/${inner}`) : [name];
  });
}

let dropped = 0;
function drop(place) {
  fs.rmSync(place, { recursive: true, force: true });
  dropped += 1;
}

function clean(modules) {
  if (!fs.existsSync(modules)) {
    return;
  }
  for (const store of STORES) {
    for (const id of list(`${modules}/${store}`)) {
      const dir = `${modules}/${store}/${id}`;
      if (id === 'node_modules' || !fs.statSync(dir).isDirectory()) {
        continue;
      }
      const inner = `${dir}/node_modules`;
      const used = fs.existsSync(inner)
        ? packages(inner).some((name) => !fs.lstatSync(`${inner}/${name}`).isSymbolicLink() && kept.has(`${inner}/${name}`))
        : [...kept].some((place) => place.startsWith(`${dir}/`));
      if (!used) {
        drop(dir);
      }
    }
    // Links to what is gone: optional peers, names shared by all.
    for (const id of list(`${modules}/${store}`)) {
      const inner = `${modules}/${store}/${id === 'node_modules' ? '' : id}/node_modules`;
      for (const name of packages(inner).filter((name) => !real(`${inner}/${name}`))) {
        drop(`${inner}/${name}`);
      }
    }
  }
  for (const name of packages(modules)) {
    const place = `${modules}/${name}`;
    const target = real(place);
    const linked = fs.lstatSync(place).isSymbolicLink();
    if (!target || !(kept.has(place) || (!linked && kept.has(target)))) {
      drop(place);
    } else if (!linked) {
      clean(`${place}/node_modules`);
    }
  }
  for (const name of list(modules).filter((name) => name.startsWith('@') && list(`${modules}/${name}`).length === 0)) {
    fs.rmdirSync(`${modules}/${name}`);
  }
  commands(`${modules}/.bin`);
}

// A command whose package is gone: a link, or a script that names a file that is not there.
function commands(dir) {
  for (const name of list(dir)) {
    const place = `${dir}/${name}`;
    if (!real(place)) {
      drop(place);
      continue;
    }
    if (fs.lstatSync(place).isSymbolicLink()) {
      continue;
    }
    const named = [...fs.readFileSync(place, 'latin1').matchAll(/"\$basedir\/([^"]+)"/g)].map((found) => found[1]);
    if (named.length > 0 && !named.some((file) => !file.endsWith('/node') && fs.existsSync(`${dir}/${file}`))) {
      drop(place);
    }
  }
  if (list(dir).length === 0) {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

for (const dir of unused) {
  for (const name of list(`${dir}/node_modules`)) {
    drop(`${dir}/node_modules/${name}`);
  }
}
for (const dir of new Set(['/app', ...starts])) {
  clean(`${dir}/node_modules`);
}
process.stdout.write(`${dropped} packages and commands of no use at run time are gone\n`);
