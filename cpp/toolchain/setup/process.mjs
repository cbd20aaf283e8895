// Where things are in the repository, and how the set-up runs programs: output to a log, the last
// line of it on the screen from time to time.

import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const toolchainDir = join(root, "build", "toolchain");
export const stateFile = join("build", "toolchain", "toolchain.json");
const logFile = join("build", "toolchain", "setup.log");

/** What a person can mend; shown without a stack. */
export class SetupError extends Error {}

export function say(message) {
  console.log(`set-up: ${message}`);
}

/** What an earlier run wrote, or null. */
export function readState() {
  try {
    return JSON.parse(readFileSync(join(root, stateFile), "utf8"));
  } catch {
    return null;
  }
}

/** Leaves the file untouched when nothing changed, so that its date means something to CMake. */
export function writeState(state) {
  const text = `${JSON.stringify(state, null, 2)}\n`;
  const path = join(root, stateFile);
  mkdirSync(toolchainDir, { recursive: true });
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    // Not there yet.
  }
  writeFileSync(path, text);
}

/** Full paths of all programs of this name on PATH, first come first. */
export function whichAll(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders
    .map((folder) => join(folder, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

/** Full path of the first of them, or null. */
export const which = (name) => whichAll(name)[0] ?? null;

/** Standard output of a short command, or null when it cannot be run or fails. */
export function capture(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  return result.status === 0 ? result.stdout : null;
}

/** [3, 1, 69] from the first "3.1.69" in a text, or null. */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text ?? "");
  return match ? match.slice(1).map((part) => Number(part ?? 0)) : null;
}

/** Whether version a is b or newer. */
export function atLeast(a, b) {
  for (let i = 0; i < b.length; ++i) {
    const part = a[i] ?? 0;
    if (part !== b[i]) return part > b[i];
  }
  return true;
}

/**
 * Runs a program to its end with its output in the log, telling every few seconds where it is.
 * Rejects with the last lines of the output when it fails.
 */
export function run(command, args, { env = process.env, cwd = root } = {}) {
  mkdirSync(toolchainDir, { recursive: true });
  const log = join(root, logFile);
  appendFileSync(log, `\n$ ${[command, ...args].join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["inherit", "pipe", "pipe"] });
    let tail = [];
    let shown = "";
    const listen = (chunk) => {
      appendFileSync(log, chunk);
      const lines = chunk
        .toString()
        .split(/[\r\n]+/)
        .filter((line) => line.trim() !== "");
      tail = [...tail, ...lines].slice(-12);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    const ticker = setInterval(() => {
      const last = tail.at(-1)?.slice(0, 90) ?? "working";
      if (last !== shown) console.log(`        ... ${last}`);
      shown = last;
    }, 4000);
    child.on("error", (error) => {
      clearInterval(ticker);
      reject(new SetupError(`cannot run ${command}: ${error.message}`));
    });
    child.on("close", (code) => {
      clearInterval(ticker);
      if (code === 0) return resolve();
      const shownTail = tail.map((line) => `  | ${line}`).join("\n");
      const what = [command, ...args].join(" ");
      reject(
        new SetupError(
          `this failed (exit code ${code}, log: ${logFile}):\n  ${what}\n${shownTail}`,
        ),
      );
    });
  });
}
