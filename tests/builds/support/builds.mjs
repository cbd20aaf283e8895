// How people build: each makes a folder for a static host from a consumer with a program. None has a
// configuration, and none may warn.
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundler, copyModules, copyProgram, node } from "./consumer.mjs";

export const builds = {
  "a static host with an import map": plain,
  "Vite 8": (consumer) => vite("vite", consumer),
  "Vite 7": (consumer) => vite("vite-7", consumer),
  "webpack 5": webpack,
  esbuild,
  Rollup: rollup,
};

/** The same for the page with elements. */
export const elementBuilds = {
  "a static host with an import map": plainElements,
  "Vite 8": (consumer) => vite("vite", consumer, "elements"),
  "webpack 5": (consumer) => webpack(consumer, "elements"),
};

const dist = "./node_modules/convgrad/dist";

const quiet = (output) => assert.doesNotMatch(output, /warn|\(!\)/i);

/** Import maps hold in pages only: the worker imports the package by its address. */
async function plain(consumer) {
  await copyProgram(consumer);
  const imports = { convgrad: `${dist}/index.js`, "convgrad/worker": `${dist}/worker.js` };
  await mapImports(consumer, imports);
  await edit(join(consumer, "work.js"), '"convgrad"', `"${imports.convgrad}"`);
  return consumer;
}

async function plainElements(consumer) {
  await copyProgram(consumer, "elements");
  await mapImports(consumer, { "convgrad/element": `${dist}/element.js` });
  return consumer;
}

function mapImports(consumer, imports) {
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>\n  `;
  return edit(join(consumer, "index.html"), "<script", `${map}<script`);
}

async function vite(version, consumer, program) {
  await copyProgram(consumer, program);
  quiet(await node([bundler(`${version}/bin/vite.js`), "build"], consumer));
  return join(consumer, "dist");
}

async function webpack(consumer, program) {
  await copyProgram(join(consumer, "src"), program);
  const settings = ["--mode", "production", "--entry", "./src/main.js", "--no-performance"];
  const output = await node([bundler("webpack/bin/webpack.js"), ...settings], consumer);
  quiet(output);
  assert.match(output, /compiled successfully/);
  await copyPage(consumer);
  return join(consumer, "dist");
}

/** esbuild and Rollup leave what is no import to their user: see web/docs/bundlers.md. */
const scripts = {
  main: "src/main.js",
  work: "src/work.js",
  "convgrad-worker": "node_modules/convgrad/dist/convgrad-worker.js",
};

async function esbuild(consumer) {
  await copyProgram(join(consumer, "src"));
  const entries = Object.entries(scripts).map(([name, file]) => `${name}=${file}`);
  const settings = ["--bundle", "--minify", "--format=esm", "--outdir=dist"];
  quiet(await node([bundler("esbuild/bin/esbuild"), ...entries, ...settings], consumer));
  await copyModules(consumer, "dist");
  await copyPage(consumer);
  return join(consumer, "dist");
}

async function rollup(consumer) {
  await copyProgram(join(consumer, "src"));
  const resolve = bundler("@rollup/plugin-node-resolve/dist/es/index.js");
  const entries = Object.entries(scripts).flatMap(([name, file]) => ["--input", `${name}=${file}`]);
  const settings = ["--dir", "dist", "--format", "es", "--plugin", resolve];
  quiet(await node([bundler("rollup/dist/bin/rollup"), ...entries, ...settings], consumer));
  await copyModules(consumer, "dist");
  await copyPage(consumer);
  return join(consumer, "dist");
}

/** A page that needs no host: by esbuild, with its loader for binary files. */
export async function classicScript(consumer) {
  await copyProgram(join(consumer, "src"));
  const settings = ["--bundle", "--minify", "--loader:.wasm=binary", "--outfile=dist/classic.js"];
  // A classic script has no import.meta, and need not: the module is inside.
  const silent = "--log-override:empty-import-meta=silent";
  quiet(
    await node([bundler("esbuild/bin/esbuild"), "src/classic.js", ...settings, silent], consumer),
  );
  const page = join(consumer, "dist", "index.html");
  await writeFile(page, '<!doctype html><meta charset="utf-8"><script src="classic.js"></script>');
  return page;
}

const copyPage = (consumer) =>
  cp(join(consumer, "src", "index.html"), join(consumer, "dist", "index.html"));

async function edit(path, what, replacement) {
  const text = await readFile(path, "utf8");
  assert.ok(text.includes(what), `${path} has ${what}`);
  await writeFile(path, text.replace(what, replacement));
}
