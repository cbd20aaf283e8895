// Makes the bench ready: tools and package as `npm run build` does, the peers by `npm ci` in this
// folder, the roofline modules in build/bench/.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cmakeEnvironment, packageCommands } from "../../cpp/toolchain/build.mjs";
import { readState, root, run, SetupError, say } from "../../cpp/toolchain/setup/process.mjs";
import { setUp } from "../../cpp/toolchain/setup.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));

/** What the set-up found; with `build`, the package is up to date afterwards. */
export async function prepare({ build, modes }) {
  const goal = modes.includes("native") ? "native benchmark" : "test";
  const state = (build ? null : readState()) ?? (await setUp(goal));
  if (build || !existsSync(join(root, "dist", "index.js"))) {
    for (const command of packageCommands()) runQuietly(command, cmakeEnvironment(state));
  }
  if (!peersInstalled()) {
    say("installing the packages to compare with, from tests/bench/package-lock.json");
    await run("npm", ["ci", "--ignore-scripts"], { cwd: here });
  }
  await assembleRooflines();
  return state;
}

/** npm notes what it installed; a lock file that says otherwise has changed since. */
function peersInstalled() {
  try {
    const installed = JSON.parse(readFileSync(join(here, "node_modules", ".package-lock.json")));
    const locked = JSON.parse(readFileSync(join(here, "package-lock.json")));
    delete locked.packages[""];
    const versions = ({ packages }) =>
      JSON.stringify(Object.entries(packages).map(([name, { version }]) => [name, version]));
    return versions(installed) === versions(locked);
  } catch {
    return false;
  }
}

/** Runs a command to its end; what it printed shows only when it fails. */
export function runQuietly([command, ...args], env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: "utf8" });
  if (status === 0) return;
  throw new SetupError(`failed: ${[command, ...args].join(" ")}\n${stdout}${stderr}`);
}

async function assembleRooflines() {
  const { assemble, kinds } = await import("./roofline.mjs"); // needs what the set-up installed
  const folder = join(root, "build", "bench");
  mkdirSync(folder, { recursive: true });
  for (const kind of kinds) writeFileSync(join(folder, `${kind}.wasm`), assemble(kind));
}
