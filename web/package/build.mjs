// Builds the package into dist/: TypeScript to JavaScript with declarations and source maps, beside
// it the four WebAssembly modules with the glue that Emscripten wrote for them, and the hashes of all.
//
//   node web/package/build.mjs
//
// Expects the modules where the presets `wasm`, `wasm-relaxed` and both with `-threads` put them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { minify } from "vite";

const root = new URL("../../", import.meta.url);
const dist = new URL("dist/", root);
/** By the glue: its name, and from which preset each of its modules comes. */
const glues = {
  "glue.js": { baseline: "wasm", relaxed: "wasm-relaxed" },
  "glue-threads.js": {
    "baseline-threads": "wasm-threads",
    "relaxed-threads": "wasm-relaxed-threads",
  },
};

/**
 * The glue without its look at the page's document, which is there for scripts that are no modules:
 * importing the package touches nothing.
 */
function untouching(glue) {
  const look = "typeof document != 'undefined' ? document.currentScript?.src : undefined";
  if (!glue.includes(look)) throw new Error("The glue looks for its script in another way.");
  return glue.replace(look, "undefined");
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

for (const [glue, modules] of Object.entries(glues)) {
  const written = [];
  for (const [build, preset] of Object.entries(modules)) {
    const folder = new URL(`build/${preset}/bindings/`, root);
    await copyFile(new URL("convgrad.wasm", folder), new URL(`convgrad-${build}.wasm`, dist));
    written.push(await readFile(new URL("convgrad.mjs", folder)));
  }
  // Baseline and relaxed export and import the same, so one glue serves both; load.ts relies on it.
  const [first, second] = written;
  if (!first.equals(second)) {
    throw new Error(`The glue of the two builds differs: dist/${glue} cannot serve both.`);
  }
  // The package's own code stays readable; this nobody reads, and every page loads it.
  const { code, errors } = await minify(glue, untouching(first.toString()), { module: true });
  if (errors.length > 0) throw new Error(`${glue} cannot be minified: ${errors[0].message}`);
  await writeFile(new URL(glue, dist), code);
}

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const project = fileURLToPath(new URL("tsconfig.json", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });

for (const name of ["CHANGELOG.md", "THIRD_PARTY_NOTICES.md"]) {
  await copyFile(new URL(name, import.meta.url), new URL(name, dist));
}

// As the attribute `integrity`, import maps and fetch() take them.
const hashes = {};
for (const name of (await readdir(dist)).sort().filter((file) => /\.(js|wasm)$/.test(file))) {
  const hash = createHash("sha384").update(await readFile(new URL(name, dist)));
  hashes[name] = `sha384-${hash.digest("base64")}`;
}
await writeFile(new URL("integrity.json", dist), `${JSON.stringify(hashes, null, 2)}\n`);
