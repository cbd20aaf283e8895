// Installs Debian packages. Debian 12's own Emscripten and xsimd are too old, so there these two (and
// doctest, to have one version everywhere) come from Debian 13, which is added as a source of low
// priority: apt takes from it what is asked for by name and nothing else.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, run, SetupError, say, toolchainDir, which } from "./process.mjs";

const newer = { suite: "trixie", packages: ["emscripten", "libxsimd-dev", "doctest-dev"] };
const sourceFile = "/etc/apt/sources.list.d/convgrad-trixie.sources";
const pinFile = "/etc/apt/preferences.d/convgrad-trixie";

/** What to install by hand, for a system where the set-up cannot. */
export function advice(missing) {
  const lines = missing.map((tool) => `  - ${tool.what}`);
  const emscripten = missing.some((tool) => tool.debian === "emscripten")
    ? '\nEmscripten\'s own installer (https://emscripten.org, "emsdk") runs on every system:\n' +
      "install version 3.1.60 or newer and put its folder on PATH (source emsdk_env.sh)."
    : "";
  return `missing here, and this system has no way for the set-up to install it:\n${lines.join("\n")}${emscripten}`;
}

/**
 * Installs what is missing. Answers whether it did anything: without apt, or without root, it goes on
 * where that is possible, and else ends the set-up with advice.
 */
export async function provide(missing) {
  const system = readOsRelease();
  const required = missing.filter((tool) => tool.required);
  if (!which("apt-get") || !which("dpkg")) {
    if (required.length > 0) throw new SetupError(advice(required));
    for (const tool of missing) say(`not found here: ${tool.what} (${tool.without})`);
    return false;
  }
  const asRoot = rootCommand();
  if (!asRoot) {
    const names = namesOf(missing).join(", ");
    const remedy = "Run this once as root: node cpp/toolchain/setup.mjs test";
    if (required.length > 0) {
      throw new SetupError(`needs root to install ${names}, and there is no sudo here.\n${remedy}`);
    }
    for (const tool of missing) say(`not found here: ${tool.what} (${tool.without})`);
    say(`installing ${names} needs root, and there is no sudo here. ${remedy}`);
    return false;
  }
  const wanted = namesOf(missing);
  const fromNewer = isDebian12(system) ? wanted.filter((it) => newer.packages.includes(it)) : [];
  const log = "log: build/toolchain/setup.log";
  say(`installing ${wanted.join(", ")} with apt (some minutes at most; ${log})`);

  if (fromNewer.length > 0) await addNewerSuite(system, asRoot);
  await update(asRoot);
  const names = namesOf(missing.filter(isOffered));
  if (names.length === 0) return false;
  await aptGet(asRoot, [
    "install",
    "--yes",
    "--no-install-recommends",
    ...names.map((name) => (fromNewer.includes(name) ? `${name}/${newer.suite}` : name)),
  ]);
  return true;
}

/** Debian's names of some tools' packages; a tool may need several. */
const namesOf = (tools) => tools.flatMap((tool) => tool.debian.split(" "));

function readOsRelease() {
  const fields = {};
  const text = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  for (const line of text.split("\n")) {
    const match = /^(\w+)=("?)(.*)\2$/.exec(line);
    if (match) fields[match[1]] = match[3];
  }
  return fields;
}

function isDebian12(system) {
  return system.ID === "debian" && system.VERSION_ID === "12";
}

/** Command words to put before a command so that root runs it, or null. */
function rootCommand() {
  if (process.getuid?.() === 0) return [];
  const sudo = which("sudo");
  return sudo ? [sudo] : null;
}

/** Systems akin to Debian lack some of its packages, which ends the whole installation. */
function isOffered(tool) {
  const known = (name) => capture("apt-cache", ["show", name]) !== null;
  if (tool.required || namesOf([tool]).every(known)) return true;
  say(`this system has no packages ${tool.debian} for ${tool.what} (${tool.without})`);
  return false;
}

function asRootRun(asRoot, command, args) {
  const words = [...asRoot, command, ...args];
  return run(words[0], words.slice(1));
}

/** apt-get that asks nothing and waits its turn when another apt is at work. */
function aptGet(asRoot, args) {
  const quiet = ["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get"];
  return asRootRun(asRoot, "env", [...quiet, "-o", "DPkg::Lock::Timeout=300", ...args]);
}

/**
 * apt-get update, with patience: unlike the installation it does not wait for its lock. One broken
 * source of many is no reason to stop, the installation will tell whether it mattered.
 */
async function update(asRoot) {
  for (let attempt = 1; ; ++attempt) {
    try {
      return await aptGet(asRoot, ["update"]);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const locked = /lock/i.test(error.message);
      if (!locked || attempt === 20) {
        say("apt-get update reported errors; going on with the package lists there are");
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5000));
    }
  }
}

async function addNewerSuite(system, asRoot) {
  const sources = readSources();
  if (!sources.some((source) => source.suites.includes(newer.suite))) {
    const wantedSuites = [system.VERSION_CODENAME ?? "bookworm", "stable", "oldstable"];
    const base = sources.find(
      (source) =>
        source.types.includes("deb") &&
        source.components.includes("main") &&
        !source.uris[0].startsWith("cdrom:") &&
        wantedSuites.some((suite) => source.suites.includes(suite)),
    );
    if (!base) {
      throw new SetupError(
        "found no mirror of Debian in /etc/apt/sources.list or /etc/apt/sources.list.d to derive\n" +
          "that of Debian 13 from; Emscripten and xsimd are taken from there.",
      );
    }
    const stanza = [
      "# Added by the set-up of convgrad: Emscripten and xsimd of Debian 13. May be removed at will.",
      "Types: deb",
      `URIs: ${base.uris.join(" ")}`,
      `Suites: ${newer.suite}`,
      "Components: main",
      ...base.extra,
    ];
    await writeAsRoot(asRoot, sourceFile, `${stanza.join("\n")}\n`);
  }
  const pin = [
    "# Added by the set-up of convgrad: nothing is taken from Debian 13 unless asked for by name.",
    "Package: *",
    `Pin: release n=${newer.suite}`,
    "Pin-Priority: 100",
  ];
  await writeAsRoot(asRoot, pinFile, `${pin.join("\n")}\n`);
}

async function writeAsRoot(asRoot, path, text) {
  mkdirSync(toolchainDir, { recursive: true });
  const draft = join(toolchainDir, "apt-file");
  writeFileSync(draft, text);
  await asRootRun(asRoot, "install", ["-D", "-m", "644", draft, path]);
}

/** The machine's package sources, of both formats: { types, uris, suites, components, extra }. */
export function readSources(folder = "/etc/apt") {
  const sources = [];
  const classic = [join(folder, "sources.list")];
  const parts = join(folder, "sources.list.d");
  for (const name of existsSync(parts) ? readdirSync(parts).sort() : []) {
    const path = join(parts, name);
    if (name.endsWith(".list")) classic.push(path);
    if (name.endsWith(".sources")) sources.push(...parseDeb822(readFileSync(path, "utf8")));
  }
  for (const path of classic) {
    if (existsSync(path)) sources.push(...parseClassic(readFileSync(path, "utf8")));
  }
  return sources;
}

const words = (text) => (text ?? "").split(/\s+/).filter((word) => word !== "");

/** Options that say how to trust and reach a mirror; they hold for its other suites too. */
const trustOptions = ["signed-by", "trusted", "allow-insecure", "check-valid-until", "by-hash"];

export function parseDeb822(text) {
  const sources = [];
  for (const block of text.split(/\n[ \t]*\n/)) {
    const fields = new Map();
    let last = null;
    for (const line of block.split("\n")) {
      if (line.startsWith("#")) continue;
      const match = /^([\w-]+):\s*(.*)$/.exec(line);
      if (match) {
        last = match[1].toLowerCase();
        fields.set(last, { name: match[1], value: match[2] });
      } else if (/^[ \t]/.test(line) && last) {
        fields.get(last).value += `\n${line}`;
      }
    }
    const value = (name) => fields.get(name)?.value;
    if (words(value("uris")).length === 0 || /^no$/i.test(value("enabled") ?? "")) continue;
    sources.push({
      types: words(value("types")),
      uris: words(value("uris")),
      suites: words(value("suites")),
      components: words(value("components")),
      extra: trustOptions
        .filter((name) => fields.has(name))
        .map((name) => `${fields.get(name).name}: ${value(name)}`),
    });
  }
  return sources;
}

export function parseClassic(text) {
  const sources = [];
  for (const line of text.split("\n")) {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const [, type, options, uri, suite, components] = match;
    sources.push({
      types: [type],
      uris: [uri],
      suites: [suite],
      components: words(components),
      extra: words(options)
        .map((option) => /^([\w-]+)=(.*)$/.exec(option))
        .filter((option) => option && trustOptions.includes(option[1].toLowerCase()))
        .map(([, name, value]) => `${name[0].toUpperCase()}${name.slice(1)}: ${value}`),
    });
  }
  return sources;
}
