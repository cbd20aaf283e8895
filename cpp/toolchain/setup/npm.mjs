// The npm packages of a package-lock.json: the project's own, or that of a folder below.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, SetupError, say, which } from "./process.mjs";

const readPackages = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages;

/** Whether node_modules holds exactly what the lock file asks for on this platform. */
export function complete(folder = ".") {
  const installedLock = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(join(root, installedLock))) return false;
  const installed = readPackages(installedLock);
  const locked = readPackages(join(folder, "package-lock.json"));
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === "") return true;
    const found = installed[path];
    if (!found) return wanted.optional === true;
    return (
      found.version === wanted.version &&
      found.integrity === wanted.integrity &&
      existsSync(join(root, folder, path, "package.json"))
    );
  });
}

export async function install(folder = ".") {
  const where = folder === "." ? "" : ` of ${folder}`;
  say(`installing the npm packages${where} (npm ci)`);
  // npm tells where it is itself when it started this script; on PATH it may be another one.
  const self = process.env.npm_execpath;
  const [command, ...first] = self?.endsWith("npm-cli.js") ? [process.execPath, self] : ["npm"];
  if (first.length === 0 && !which(command)) {
    throw new SetupError("npm is not on PATH; it comes with Node.js (Debian: apt install npm)");
  }
  const args = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run(command, [...first, ...args], { cwd: join(root, folder) });
  if (!complete(folder)) {
    throw new SetupError("npm ci left packages out; see build/toolchain/setup.log");
  }
}
