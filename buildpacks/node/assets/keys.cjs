// keys.cjs: gives a Next server the keys that its build does not ship.
//
//   NODE_OPTIONS=--require=/…/keys.cjs next start
//
// settle.cjs wrote `null` where a build has the keys of server actions and of draft mode. Here they are put in when
// Next reads these files: from the environment where it has them, and otherwise at random for this process and
// its children. No file is written, so a read-only root file system and any user will do.
//
//   NEXT_SERVER_ACTIONS_ENCRYPTION_KEY   32 bytes in base64; the keys of draft mode are derived from it
//
// Set it when more than one process serves the application: what one of them encrypts, another must read.

"use strict";

const fs = require("node:fs");
const { createHmac, randomBytes } = require("node:crypto");
const { basename } = require("node:path");
const { syncBuiltinESMExports } = require("node:module");

const KEY = "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY";
// Children inherit it, so that all processes of one start agree.
process.env[KEY] ||= randomBytes(32).toString("base64");
const derived = (use, bytes) => createHmac("sha256", process.env[KEY]).update(`packwright ${use}`).digest("hex").slice(0, 2 * bytes);

// Next refuses an id or a key that is empty; lengths are those of its own build.
const KEYS = {
  previewModeId: derived("draft mode: id", 16),
  previewModeSigningKey: derived("draft mode: signing", 32),
  previewModeEncryptionKey: derived("draft mode: encryption", 32),
  encryptionKey: process.env[KEY],
};
// The names under which functions of the edge runtime get them.
KEYS.__NEXT_PREVIEW_MODE_ID = KEYS.previewModeId;
KEYS.__NEXT_PREVIEW_MODE_SIGNING_KEY = KEYS.previewModeSigningKey;
KEYS.__NEXT_PREVIEW_MODE_ENCRYPTION_KEY = KEYS.previewModeEncryptionKey;
KEYS[KEY] = KEYS.encryptionKey;

const FILES = /^(prerender-manifest|preview-props|middleware-manifest|server-reference-manifest)\.js(on)?$/;
// `null` for a key, in JSON and in JSON inside of a JavaScript string.
const GAP = new RegExp(`(\\\\?")(${Object.keys(KEYS).join("|")})\\1(\\s*:\\s*)null`, "g");

function filled(file, contents) {
  if (typeof file !== "string" || !FILES.test(basename(file))) return contents;
  const text = contents.toString("utf8");
  if (!GAP.test(text)) return contents;
  GAP.lastIndex = 0;
  const whole = text.replace(GAP, (_, quote, name, colon) => `${quote}${name}${quote}${colon}${quote}${KEYS[name]}${quote}`);
  return typeof contents === "string" ? whole : Buffer.from(whole);
}

const { readFileSync, readFile } = fs;
const readFilePromise = fs.promises.readFile;

fs.readFileSync = function (file, ...rest) {
  return filled(file, readFileSync.call(this, file, ...rest));
};
fs.readFile = function (file, ...rest) {
  const done = rest.pop();
  return readFile.call(this, file, ...rest, (error, contents) => (error ? done(error) : done(null, filled(file, contents))));
};
fs.promises.readFile = async function (file, ...rest) {
  return filled(file, await readFilePromise.call(this, file, ...rest));
};
syncBuiltinESMExports();
