// Empty folders in which the packed tarball has been installed, and the programs that run in them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const installed = fileURLToPath(new URL("../node_modules/", import.meta.url));
const programs = fileURLToPath(new URL("../", import.meta.url));

/** A file of the bundlers' packages, which are in this folder and in no consumer's. */
export const bundler = (file) => join(installed, file);

/** A program of the project's own packages. */
export const ownTool = (file) => join(repository, "node_modules", file);

/** Runs a program to its end and gives what it printed; fails when it fails. */
export async function run(command, args, cwd) {
  const { code, output } = await attempt(command, args, cwd);
  assert.equal(code, 0, `${[command, ...args].join(" ")}\n${output}`);
  return output;
}

/** The same, whatever its exit code. */
export function attempt(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1" };
    // Node's test runner would otherwise take a script's output for a report of its own.
    delete env.NODE_TEST_CONTEXT;
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

export const node = (args, cwd) => run(process.execPath, args, cwd);

/** npm as it started the tests, or the one on PATH. */
function npm(args, cwd) {
  const self = process.env.npm_execpath;
  return self?.endsWith("npm-cli.js") ? node([self, ...args], cwd) : run("npm", args, cwd);
}

/**
 * @returns the tarball, `make` for a consumer of it by name (its folder), and their end
 */
export async function packForConsumers() {
  const folder = await mkdtemp(join(tmpdir(), "convgrad-builds-"));
  const quiet = ["--silent", "--ignore-scripts"];
  const packed = await npm(["pack", ...quiet, "--pack-destination", folder], repository);
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  return {
    /** An empty folder with the tarball installed, and these files: path -> text. */
    async make(name, files = {}) {
      const consumer = join(folder, name);
      await write(consumer, { "package.json": '{ "private": true, "type": "module" }', ...files });
      await npm(["install", ...quiet, "--offline", "--no-audit", "--no-fund", tarball], consumer);
      return consumer;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function write(folder, files) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Puts a program, the one that every consumer runs or the page with `elements`, into a folder. */
export const copyProgram = (folder, name = "program") =>
  cp(join(programs, name), folder, { recursive: true });

/**
 * Puts the package's files that are no imports beside a bundle:
 * cp node_modules/convgrad/dist/convgrad-{thread.js,*.wasm} folder/
 */
export async function copyModules(consumer, folder) {
  const from = join(consumer, "node_modules", "convgrad", "dist");
  for (const name of await readdir(from)) {
    if (!/^convgrad-(thread\.js|.*\.wasm)$/.test(name)) continue;
    await cp(join(from, name), join(consumer, folder, name));
  }
}
