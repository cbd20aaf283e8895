// Builds the package into dist/: TypeScript to JavaScript with declarations and source maps, and beside
// it the two WebAssembly modules with the glue that Emscripten wrote for them.
//
//   node web/package/build.mjs
//
// Expects the modules where the presets `wasm` and `wasm-relaxed` put them.
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const dist = new URL("dist/", root);
const modules = {
  baseline: new URL("build/wasm/bindings/", root),
  relaxed: new URL("build/wasm-relaxed/bindings/", root),
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

for (const [simd, folder] of Object.entries(modules)) {
  await copyFile(new URL("convgrad.wasm", folder), new URL(`convgrad-${simd}.wasm`, dist));
}
// Both builds export and import the same, so one glue serves both; load.ts relies on it.
const [glue, other] = await Promise.all(
  Object.values(modules).map((folder) => readFile(new URL("convgrad.mjs", folder))),
);
if (!glue.equals(other)) {
  throw new Error("The glue of the two builds differs: dist/glue.js cannot serve both.");
}
await copyFile(new URL("convgrad.mjs", modules.baseline), new URL("glue.js", dist));

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const project = fileURLToPath(new URL("tsconfig.json", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
