// Builds the package into dist/: TypeScript to JavaScript with source maps and declarations, the glue that
// Emscripten wrote in it; beside it the four WebAssembly modules, and the hashes of all.
//
//   node web/package/build.mjs
//
// Expects the modules where the presets `wasm`, `wasm-relaxed` and both with `-threads` put them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = new URL("../../", import.meta.url);
const dist = new URL("dist/", root);
const path = (url) => fileURLToPath(url);
/** By the glue: its name, and from which preset each of its modules comes. */
const glues = {
  "./glue.js": { baseline: "wasm", relaxed: "wasm-relaxed" },
  "./glue-threads.js": {
    "baseline-threads": "wasm-threads",
    "relaxed-threads": "wasm-relaxed-threads",
  },
};
/** What is imported from outside, and what starts a worker. */
const entries = ["index", "worker", "convgrad-worker", "convgrad-thread"];

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const glueTexts = {};
for (const [glue, modules] of Object.entries(glues)) {
  const written = [];
  for (const [name, preset] of Object.entries(modules)) {
    const folder = new URL(`build/${preset}/bindings/`, root);
    await copyFile(new URL("convgrad.wasm", folder), new URL(`convgrad-${name}.wasm`, dist));
    written.push(await readFile(new URL("convgrad.mjs", folder), "utf8"));
  }
  // Baseline and relaxed export and import the same, so one glue serves both; load.ts relies on it.
  const [first, second] = written;
  if (first !== second) {
    throw new Error(`The glue of the two builds differs: ${glue} cannot serve both.`);
  }
  glueTexts[glue] = withoutLoading(first);
}

/**
 * The glue without what this package has no use for: its look at the page's document, which is there for
 * scripts that are no modules (importing the package touches nothing), and its own ways to a module, as
 * load.ts instantiates it. What only these needed, the minifier then leaves out.
 */
function withoutLoading(glue) {
  const ways = [
    ["typeof document != 'undefined' ? document.currentScript?.src : undefined", "undefined"],
    [/(?<=var readAsync,readBinary;)if\(ENVIRONMENT_IS_WEB.*?\}else\{\}(?=var out=)/, ""],
    // The workers of this package have no glue.
    ...(glue.includes('Module["$ww"]') ? [['Module["$ww"]', "false"]] : []),
    [/if\(Module\["instantiateWasm"\]\)\{try(\{.*?\})catch.*?return\{\}(?=\})/, "$1"],
  ];
  return ways.reduce((text, [was, is]) => {
    const without = text.replace(was, is);
    if (without === text) throw new Error(`The glue has not: ${was}`);
    return without;
  }, glue);
}

const glue = {
  name: "glue",
  resolveId: (id) => (id in glueTexts ? { id: `\0${id}`, moduleSideEffects: false } : null),
  load: (id) => glueTexts[id.slice(1)] ?? null,
};

/**
 * The minifier quotes by backticks. Where bundlers look for addresses of files, not all know these; the
 * quotes are as long, so that the source maps stay right.
 */
const quotes = {
  name: "quotes",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle).filter(({ type }) => type === "chunk")) {
      chunk.code = chunk.code
        .replace(/new URL\(`([^`$]+)`,import\.meta\.url\)/g, 'new URL("$1",import.meta.url)')
        .replaceAll("{type:`module`}", '{type:"module"}');
    }
  },
};

await build({
  input: Object.fromEntries(
    entries.map((name) => [name, path(new URL(`src/${name}.ts`, import.meta.url))]),
  ),
  plugins: [glue, quotes],
  platform: "neutral",
  resolve: { extensionAlias: { ".js": [".ts"] } },
  treeshake: { moduleSideEffects: true },
  output: {
    dir: path(dist),
    chunkFileNames: "[name].js",
    sourcemap: true,
    minify: { compress: true, mangle: true, codegen: { removeWhitespace: true } },
  },
  logLevel: "warn",
});

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const project = path(new URL("tsconfig.json", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
await copyFile(new URL("src/wasm.d.ts", import.meta.url), new URL("wasm.d.ts", dist));

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
