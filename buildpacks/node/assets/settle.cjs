// settle.cjs: makes the output of JavaScript frameworks a function of the source, and takes the keys out of it.
//
//   node settle.cjs before [--root=DIR] FRAMEWORK…   in the application's folder, right before its build command
//   node settle.cjs after  [--root=DIR] FRAMEWORK…   in the same folder and step, right after it
//
// FRAMEWORK is one of those in RULES below; DIR is the top of the source tree (default: the current folder).
// `before` gives frameworks that draw a random or time-made build name one that comes from the source, by a
// setting where they have one, and otherwise in the installed package; `after` takes both back.
// `after` also replaces what is still left of the clock, and removes the keys that a build generates: they are
// secrets, so they may be neither derived from the source nor shipped. Processes make them at start, or take them
// from their environment (keys.cjs for Next; Astro's server does it in the line that is written here).
//
// It uses nothing but Node (18 or newer), touches nothing outside the application's folder, its installed
// packages and HOME, may be run any number of times, and prints to standard error only. It ends with 1 when what
// it finds contradicts its rules, so that no key ships and nothing is claimed that was not done.

"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createHash } = require("node:crypto");

// Raise it with every change that can change an output: it is part of every name that is derived here.
const VERSION = 1;

// Salt of Next's action names during the build, no key: the plan sets NEXT_SERVER_ACTIONS_ENCRYPTION_KEY to it
// unless the user gives a key of their own as a secret. It is 32 bytes in base64 and never ships.
const NEXT_SALT = "cGFja3dyaWdodC1zYWx0LW9mLWFjdGlvbi1pZHMtMDE=";

// Everything this script does, in this order. `edit` is a change of an installed package that lasts from `before`
// to `after`, `optional` when not every version has the place; `run` is a function further down.
const RULES = [
  {
    framework: "next",
    when: "before",
    reason: "BUILD_ID is a random name of 21 characters, part of paths, pages and compressed data; a project's own generateBuildId wins",
    edit: { package: "next", file: "dist/build/generate-build-id.js", find: "buildId = fallback();", put: () => `buildId = ${JSON.stringify(nextBuildId())};` },
  },
  {
    framework: "next",
    when: "before",
    reason: "placeholders for parameters in partly prerendered pages are random; versions before 16 have none",
    edit: { package: "next", file: "dist/server/request/fallback-params.js", find: "Math.random().toString(16).slice(2)", put: () => JSON.stringify(sourceDigest().slice(0, 13)), optional: true },
  },
  {
    framework: "next",
    when: "after",
    reason: "pages rendered in the build hold values encrypted under the build's key, which does not ship: Next renders them again on request",
    run: dropPagesWithCiphertext,
  },
  {
    framework: "next",
    when: "after",
    reason: "keys of draft mode and server actions are secrets: without keys.cjs nothing that needs them works, and nobody can forge it",
    run: removeNextKeys,
  },
  {
    framework: "next",
    when: "after",
    reason: "traces of the build hold times and durations, and nothing reads them when the application runs",
    run: () => nextOutputs().forEach((dir) => ["trace", "trace-build", "diagnostics"].forEach((name) => remove(path.join(dir, name)))),
  },
  {
    framework: "next",
    when: "after",
    reason: "Next 15 writes the table of pages in the order in which its compilers end; it is only looked up by name",
    run: () => nextOutputs().forEach((dir) => sortKeys(path.join(dir, "server", "pages-manifest.json"))),
  },
  {
    framework: "nuxt",
    when: "before",
    reason: "buildId is a random UUID, part of names and hashes; a project's own buildId wins",
    run: () => setNuxtBuildId(),
  },
  {
    framework: "nuxt",
    when: "after",
    reason: "nitro.json and builds/*.json hold the time of the build, the table of public files their times in the order of the directory, that of styles the order in which they were done",
    run: settleNitro,
  },
  {
    framework: "sveltekit",
    when: "before",
    reason: "version.name is the time of the build in milliseconds, part of names and hashes; a project's own version.name wins",
    edit: { package: "@sveltejs/kit", file: "src/core/config/options.js", find: "Date.now().toString()", put: () => JSON.stringify(sourceDigest().slice(0, 13)) },
  },
  {
    framework: "astro",
    when: "after",
    reason: "the key of server islands is a secret: the server takes it from ASTRO_KEY or makes one at start",
    run: removeAstroKey,
  },
];

const KEPT = ".before-settle";

function main() {
  const [when, ...rest] = process.argv.slice(2);
  const frameworks = rest.filter((word) => !word.startsWith("--"));
  const unknown = frameworks.filter((name) => !RULES.some((rule) => rule.framework === name));
  if (!["before", "after"].includes(when) || unknown.length > 0) {
    throw new Error(`usage: settle.cjs before|after [--root=DIR] FRAMEWORK…${unknown.map((name) => `; no rules for \`${name}\``).join("")}`);
  }
  for (const rule of RULES.filter((rule) => frameworks.includes(rule.framework))) {
    if (rule.edit && when === "before") editPackage(rule);
    if (rule.edit && when === "after") takeBackEdit(rule);
    if (rule.run && rule.when === when) rule.run();
  }
  if (when === "after") takeBackNuxtBuildId();
}

// Names that come from the source ------------------------------------------------------------------------------

// Folders that are no source, wherever they lie: what tools install, keep or leave behind.
const NO_SOURCE = new Set(["node_modules", ".git", ".next", ".nuxt", ".output", ".svelte-kit", ".astro", ".angular", ".turbo", ".nx", ".cache", ".yarn", ".pnpm-store", ".vite"]);

// What frameworks write into files that every visitor gets, so it may be part of a public name.
const PUBLIC_SETTINGS = /^(NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|VITE|REACT_APP)_/;

let digest;

/** 64 hexadecimal digits: the source tree's paths and contents, public settings and this script's version. */
function sourceDigest() {
  if (digest) return digest;
  const root = process.argv.find((word) => word.startsWith("--root="))?.slice("--root=".length) ?? ".";
  const hash = createHash("sha256");
  const part = (bytes) => hash.update(`${Buffer.byteLength(bytes)}:`).update(bytes);
  part(`packwright settle ${VERSION}`);
  for (const name of Object.keys(process.env).filter((name) => PUBLIC_SETTINGS.test(name)).sort()) part(`${name}=${process.env[name]}`);
  for (const file of filesBelow(root, (name) => !NO_SOURCE.has(name))) {
    part(path.relative(root, file));
    part(fs.readFileSync(file));
  }
  return (digest = hash.digest("hex"));
}

// Next never draws a name with `ad` in it, because of blockers of advertisements.
function nextBuildId() {
  for (let round = 0; ; round++) {
    const id = createHash("sha256").update(`${sourceDigest()} ${round}`).digest("base64url").slice(0, 21);
    if (!/ad/i.test(id)) return id;
  }
}

/** Edits a file of an installed package; its original stays beside it until `after`. Never writes into a linked file. */
function editPackage({ framework, reason, edit }) {
  const file = installed(edit.package, edit.file);
  const text = file && fs.readFileSync(fs.existsSync(file + KEPT) ? file + KEPT : file, "utf8");
  if (!text?.includes(edit.find)) {
    if (!edit.optional) complain(`${framework}: \`${edit.find}\` was not found in ${edit.package}/${edit.file}, so two builds will differ: ${reason}`);
    return;
  }
  if (!fs.existsSync(file + KEPT)) fs.renameSync(file, file + KEPT);
  write(file, text.replace(edit.find, edit.put()));
}

function takeBackEdit({ edit }) {
  const file = installed(edit.package, edit.file, KEPT);
  if (file) fs.renameSync(file + KEPT, file);
}

/** Where a file of a package is that the current folder would load, found as Node does. */
function installed(name, file, suffix = "") {
  for (let dir = process.cwd(); ; dir = path.dirname(dir)) {
    const found = path.join(dir, "node_modules", name, file);
    if (fs.existsSync(found + suffix)) return fs.realpathSync(path.join(dir, "node_modules", name)) + path.sep + path.normalize(file);
    if (dir === path.dirname(dir)) return undefined;
  }
}

// Nuxt reads settings of the user from HOME/.nuxtrc, below those of the project.
function setNuxtBuildId() {
  takeBackNuxtBuildId();
  const hex = sourceDigest();
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  const file = path.join(process.env.HOME ?? "", ".nuxtrc");
  const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  fs.mkdirSync(path.dirname(file), { recursive: true });
  write(file + KEPT, before);
  write(file, `${before}\nbuildId=${uuid}\n`);
}

function takeBackNuxtBuildId() {
  const file = path.join(process.env.HOME ?? "", ".nuxtrc");
  if (!fs.existsSync(file + KEPT)) return;
  if (fs.statSync(file + KEPT).size > 0) fs.renameSync(file + KEPT, file);
  else [file, file + KEPT].forEach(remove);
}

// Next ---------------------------------------------------------------------------------------------------------

/** The build's folders: `.next` or what the project calls it, and the copies in `standalone`. */
function nextOutputs() {
  return filesBelow(".", (name) => name !== "node_modules" && name !== "cache" && name !== ".git")
    .filter((file) => path.basename(file) === "BUILD_ID" && fs.existsSync(path.join(path.dirname(file), "build-manifest.json")))
    .map((file) => path.dirname(file));
}

const KEY_NAMES = ["previewModeId", "previewModeSigningKey", "previewModeEncryptionKey", "encryptionKey"];

// A missing key is written as `null`: draft mode then throws instead of comparing with a value that anyone knows,
// and so do server actions. keys.cjs puts keys there when a file is read.
function removeNextKeys() {
  for (const dir of nextOutputs()) {
    const keys = new Set();
    for (const name of ["prerender-manifest.json", "server/preview-props.json", "server/server-reference-manifest.json"]) {
      const file = path.join(dir, name);
      if (!fs.existsSync(file)) continue;
      JSON.parse(fs.readFileSync(file, "utf8"), (key, value) => {
        if (KEY_NAMES.includes(key) && typeof value === "string") keys.add(value);
        return value;
      });
    }
    if (keys.size === 0) continue;
    for (const file of filesBelow(dir, (name) => name !== "cache" && name !== "node_modules")) {
      const bytes = fs.readFileSync(file);
      if (![...keys].some((key) => bytes.includes(key))) continue;
      let text = bytes.toString("utf8");
      for (const key of keys) text = text.split(`\\"${key}\\"`).join("null").split(`"${key}"`).join("null");
      if ([...keys].some((key) => text.includes(key))) throw new Error(`next: ${file} holds a key of this build in a form that is not known`);
      write(file, text);
    }
  }
}

// `bound` names the closed-over values of a server action. A key of the user's own can be had again at run time,
// so its pages stay.
function dropPagesWithCiphertext() {
  if (process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY !== NEXT_SALT) return;
  for (const dir of nextOutputs()) {
    const app = path.join(dir, "server", "app");
    for (const file of filesBelow(app).filter((file) => file.endsWith(".rsc") && !file.endsWith(".segment.rsc"))) {
      if (!/"id":"[0-9a-f]{40,}","bound":"\$@/.test(fs.readFileSync(file, "utf8"))) continue;
      const page = file.slice(0, -".rsc".length);
      [".html", ".rsc", ".meta", ".segments"].forEach((ending) => remove(page + ending));
    }
  }
}

// Nuxt ---------------------------------------------------------------------------------------------------------

function settleNitro() {
  const epoch = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000);
  const date = path.join(".output", "nitro.json");
  if (fs.existsSync(date)) write(date, fs.readFileSync(date, "utf8").replace(/("date":\s*)"[^"]*"/, `$1"${epoch.toJSON()}"`));

  const pages = path.join(".output", "public");
  const builds = filesBelow(pages).filter((file) => /[\\/]builds[\\/](latest|meta[\\/][^\\/]+)\.json$/.test(file));
  for (const file of builds) write(file, fs.readFileSync(file, "utf8").replace(/("timestamp":)\d+/, `$1${epoch.getTime()}`));

  for (const file of filesBelow(path.join(".output", "server"), (name) => name !== "node_modules").filter((file) => /\.m?js$/.test(file))) {
    const text = fs.readFileSync(file, "utf8");
    let settled = settleTable(text, PUBLIC_FILE, (entry) => settlePublicFile(entry, epoch, pages));
    if (path.basename(file) === "styles.mjs") settled = settleTable(settled, STYLES, (entry) => entry);
    if (settled !== text) write(file, settled);
  }
}

// One entry of nitro's table of public files, plain or minified: "/path": { type, etag, mtime, size, path }.
const PUBLIC_FILE = /"(\/[^"]*)":\s*\{[^{}]*?"?path"?:\s*"\.\.\/public[^{}]*\}/g;
// One entry of the table of components and the functions that load their styles, in the order they were done.
const STYLES = /"([^"]+)":\s*\(\)\s*=>\s*import\([^()]*\)\.then\([\w$]+\)/g;

/** Sorts the entries of a table in JavaScript text by their names, each changed by `settle`. */
function settleTable(text, pattern, settle) {
  const entries = [...text.matchAll(pattern)];
  if (entries.length === 0) return text;
  const last = entries.at(-1);
  const between = entries.slice(1).map((entry, i) => text.slice(entries[i].index + entries[i][0].length, entry.index));
  if (!between.every((gap) => /^,\s*$/.test(gap))) throw new Error("nuxt: a table of nitro's has a form that is not known");
  const sorted = entries.map(([entry, name]) => [name, settle(entry)]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return text.slice(0, entries[0].index) + sorted.map(([, entry]) => entry).join(between[0] ?? "") + text.slice(last.index + last[0].length);
}

/** One public file's entry with the epoch as its time, and the tag and size that the settled file has. */
function settlePublicFile(entry, epoch, pages) {
  const timed = entry.replace(/("?mtime"?:\s*)"[^"]*"/, `$1"${epoch.toJSON()}"`);
  const file = path.join(pages, /public\/([^"]*)"/.exec(entry)[1]);
  if (!/[\\/]builds[\\/].*\.json$/.test(file) || !fs.existsSync(file)) return timed;
  const bytes = fs.readFileSync(file);
  const etag = `"${bytes.length.toString(16)}-${createHash("sha1").update(bytes).digest("base64").slice(0, 27)}"`;
  return timed
    .replace(/("?etag"?:\s*)(?:"(?:\\.|[^"\\])*"|'[^']*')/, (_, head) => head + JSON.stringify(etag))
    .replace(/("?size"?:\s*)\d+/, (_, head) => head + bytes.length);
}

// Astro --------------------------------------------------------------------------------------------------------

const ASTRO_KEY = `"key":process.env.ASTRO_KEY||Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")`;

function removeAstroKey() {
  for (const file of filesBelow(".", (name) => !NO_SOURCE.has(name)).filter((file) => /\.m?js$/.test(file))) {
    const text = fs.readFileSync(file, "utf8");
    if (!text.includes("deserializeManifest(") || !text.includes('"key":"')) continue;
    const server = path.resolve(file, "..");
    const frozen = pagesWithIslands(server);
    if (frozen.length > 0 && !process.env.ASTRO_KEY) {
      throw new Error(
        `astro: ${frozen[0]} was rendered in the build and holds a server island, encrypted with a key that was made for this build; it would stay in the image. ` +
          "Give ASTRO_KEY (`astro create-key`) as a secret to the build and in the environment of the process, or render the page on request",
      );
    }
    const key = /"key":"[A-Za-z0-9+/]{43}="/;
    if (!key.test(text) && !text.includes(ASTRO_KEY)) throw new Error(`astro: the key in ${file} has a form that is not known; it would stay in the image`);
    write(file, text.replace(key, () => ASTRO_KEY));
  }
}

// `client` lies beside `server`; an island is fetched from `_server-islands/` with its encrypted properties.
function pagesWithIslands(from) {
  for (let dir = from; dir.startsWith(process.cwd() + path.sep); dir = path.dirname(dir)) {
    const client = path.join(dir, "client");
    if (fs.existsSync(client)) return filesBelow(client).filter((file) => file.endsWith(".html") && fs.readFileSync(file, "utf8").includes("_server-islands/"));
  }
  return [];
}

// Files --------------------------------------------------------------------------------------------------------

/** Every file below a folder, sorted by path; no link is followed. A folder that is not there has none. */
function filesBelow(dir, enters = () => true) {
  if (!fs.existsSync(dir)) return [];
  const found = [];
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory() && enters(entry.name)) found.push(...filesBelow(file, enters));
    if (entry.isFile()) found.push(file);
  }
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Writes a JSON object again, sorted by its keys. */
function sortKeys(file) {
  if (!fs.existsSync(file)) return;
  const entries = Object.entries(JSON.parse(fs.readFileSync(file, "utf8")));
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  write(file, JSON.stringify(Object.fromEntries(entries), null, 2));
}

/** Puts a new file in a name's place, so that other names of the old one keep their contents. */
function write(file, text) {
  const mode = fs.existsSync(file) ? fs.statSync(file).mode : 0o644;
  fs.writeFileSync(file + ".settle", text, { mode });
  fs.renameSync(file + ".settle", file);
}

function remove(file) {
  fs.rmSync(file, { recursive: true, force: true });
}

function complain(text) {
  process.stderr.write(`settle: ${text}\n`);
}

try {
  main();
} catch (error) {
  complain(error.message);
  process.exitCode = 1;
}
