// Finds Emscripten and makes it fit to link.
//
// An Emscripten that is whole (emsdk, Debian 13) is used as it is. Debian 13's package installed on
// Debian 12 lacks two things: its binaryen is older than emcc expects, and a Node that is not
// Debian's does not find acorn. Then a private copy of emcc's scripts under build/toolchain, its
// large folders linked, gets binaryen from npm and acorn beside it; nothing of the system is touched.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  atLeast,
  capture,
  parseVersion,
  readState,
  root as repository,
  SetupError,
  say,
  toolchainDir,
  whichAll,
} from "./process.mjs";

export const minimumEmcc = [3, 1, 60];

const cmakeModule = join("cmake", "Modules", "Platform", "Emscripten.cmake");
const debianNodeModules = "/usr/share/nodejs";

/** The first emcc on PATH that is new enough: { path, root, version, stamp }, or null. */
export function findEmcc() {
  for (const path of whichAll("emcc")) {
    const root = candidateRoots(path).find((folder) => existsSync(join(folder, cmakeModule)));
    const version = root && readVersion(root);
    if (!version || !atLeast(version, minimumEmcc)) continue;
    const name = version.join(".");
    const changed = statSync(join(root, versionFile)).mtimeMs;
    return { path, root, version: name, stamp: `${path} ${name} ${changed}` };
  }
  return null;
}

const versionFile = "emscripten-version.txt";

function readVersion(root) {
  const path = join(root, versionFile);
  return existsSync(path) ? parseVersion(readFileSync(path, "utf8")) : null;
}

/** Folders where the scripts behind an emcc on PATH may be: it can be a link or a wrapper. */
function candidateRoots(path) {
  const real = realpathSync(path);
  const named =
    statSync(real).size < 4096 ? readFileSync(real, "utf8").match(/\/[^\s"'$]*\/emcc\b/g) : null;
  return [
    dirname(real),
    ...(named ?? []).map((target) => dirname(target)),
    join(dirname(real), "..", "libexec"),
    ...(process.env.EMSDK ? [join(process.env.EMSDK, "upstream", "emscripten")] : []),
  ];
}

/** What an earlier run prepared for this very emcc and Node, or null. */
export function ready(emcc) {
  const before = readState();
  const made = before?.emscripten;
  const same = made?.stamp === emcc.stamp && before.node === process.execPath;
  return same && existsSync(join(made.root, cmakeModule)) && (!made.adapted || whole(made.root))
    ? made
    : null;
}

/** Whether the private copy's links still lead somewhere (the repository may have been moved). */
function whole(folder) {
  return (
    existsSync(join(folder, "system", "include")) &&
    existsSync(join(toolchainDir, "binaryen", "bin", "wasm-opt")) &&
    folder.startsWith(toolchainDir)
  );
}

/** Answers { root, version, adapted, stamp }: the folder of the Emscripten to use. */
export function prepare(emcc) {
  const flaws = findFlaws(emcc);
  const result = {
    root: emcc.root,
    version: emcc.version,
    adapted: flaws.length > 0,
    stamp: emcc.stamp,
  };
  if (flaws.length > 0) {
    say(`emcc ${emcc.version} needs help: ${flaws.join("; ")}`);
    result.root = adapt(emcc);
  }
  const reported = parseVersion(capture(join(result.root, "emcc"), ["--version"]))?.join(".");
  if (reported !== emcc.version) {
    throw new SetupError(`${join(result.root, "emcc")} --version does not answer ${emcc.version}`);
  }
  return result;
}

function findFlaws(emcc) {
  const flaws = [];
  const building = readFileSync(join(emcc.root, "tools", "building.py"), "utf8");
  const expected = Number(/^EXPECTED_BINARYEN_VERSION = (\d+)/m.exec(building)?.[1] ?? 0);
  const binaryenRoot = capture(join(emcc.root, "em-config"), ["BINARYEN_ROOT"])?.trim() ?? "";
  const answer = capture(join(binaryenRoot, "bin", "wasm-opt"), ["--version"]) ?? "";
  const actual = Number(/version (\d+)/.exec(answer)?.[1] ?? 0);
  if (actual < expected) flaws.push(`binaryen is ${actual || "missing"}, ${expected} is wanted`);
  try {
    createRequire(join(emcc.root, "tools", "acorn-optimizer.mjs")).resolve("acorn");
  } catch {
    flaws.push("this Node does not find acorn");
  }
  return flaws;
}

function adapt(emcc) {
  const copy = join(toolchainDir, "emscripten");
  const binaryen = join(toolchainDir, "binaryen");
  rmSync(copy, { recursive: true, force: true });
  rmSync(binaryen, { recursive: true, force: true });

  const linked = ["system", "cache"];
  const unused = ["test", "docs", "media", "out", "node_modules"];
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(emcc.root)) {
    const from = join(emcc.root, name);
    if (linked.includes(name)) symlinkSync(from, join(copy, name));
    else if (!unused.includes(name)) cpSync(from, join(copy, name), { recursive: true });
  }
  const modules = [join(emcc.root, "node_modules"), debianNodeModules].find((path) =>
    existsSync(path),
  );
  if (modules) symlinkSync(modules, join(copy, "node_modules"));

  // The copy lies below this project's package.json, which would make its CommonJS scripts modules.
  const manifest = join(copy, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "type": "commonjs" }\n');

  const tools = join(repository, "node_modules", "binaryen", "bin");
  mkdirSync(join(binaryen, "bin"), { recursive: true });
  for (const name of readdirSync(tools)) {
    if (name.startsWith("wasm")) symlinkSync(join(tools, name), join(binaryen, "bin", name));
  }

  const config = join(copy, ".emscripten");
  const original = existsSync(config) ? readFileSync(config, "utf8") : "";
  writeFileSync(
    config,
    `${original}\n# Written by convgrad's set-up.\nBINARYEN_ROOT = ${JSON.stringify(binaryen)}\nNODE_JS = ${JSON.stringify(process.execPath)}\n`,
  );
  chmodSync(config, 0o644);
  return copy;
}
