// Finds the newest release of a tool that satisfies a range, and writes its version and the
// digest of its package. Arguments: the tool, then pairs of a processor and its package. The
// range comes from `<TOOL>_RANGE`, the words that people wrote from `<TOOL>_ASKED`.
const { spawnSync } = require('node:child_process');
const { mkdirSync, writeFileSync } = require('node:fs');
const semver = require('/opt/npm/lib/npm/node_modules/semver');

// The words after the file, or after `-e`.
const [tool, ...pairs] = process.argv.slice(require.main === module ? 2 : 1);
const range = process.env[`${tool.toUpperCase()}_RANGE`];
const asked = process.env[`${tool.toUpperCase()}_ASKED`] ?? range;

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function view(...words) {
  const done = spawnSync('/opt/npm/npm', ['view', '--json', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) {
    fail(`npm could not tell about ${words[0]}`);
  }
  return JSON.parse(done.stdout);
}

const index = pairs.indexOf(process.arch);
if (index < 0) {
  fail(`there is no package of ${tool} for the processor ${process.arch}`);
}
const name = pairs[index + 1];
const all = [view(name, 'versions')].flat();
const releases = all.filter((version) => semver.valid(version) && !semver.prerelease(version));
const best = semver.maxSatisfying(releases, range);
if (!best) {
  const top = releases.sort(semver.compare);
  const line = semver.minVersion(range)?.major;
  const near = top.filter((version) => semver.major(version) === line).at(-1);
  const newest = near ? `the newest ${semver.major(near)} is ${near}` : `the newest of all is ${top.at(-1)}`;
  fail(`no release of ${tool} satisfies \`${asked}\` (${range}) among those of ${name}: ${newest}`);
}
const integrity = view(`${name}@${best}`, 'dist.integrity');
if (typeof integrity !== 'string' || !integrity.startsWith('sha512-')) {
  fail(`${name} ${best} is published without a SHA-512 digest`);
}
mkdirSync('/packwright/node', { recursive: true });
writeFileSync(`/packwright/node/${tool}-version`, `${best}\n`);
writeFileSync(`/packwright/node/${tool}-integrity`, `${integrity}\n`);
process.stdout.write(`${tool} ${best} for ${asked}\n`);
