// What `npm pack` ships: exactly the right files, of the right size, usable from an empty folder in
// JavaScript and in TypeScript.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "convgrad-tarball-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const json = execFileSync(
  "npm",
  ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
  { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
);
const [packed] = JSON.parse(json);
execFileSync("tar", ["-xzf", join(folder, packed.filename), "-C", folder]);
const shipped = join(folder, "package");
const consumer = join(folder, "consumer");
mkdirSync(join(consumer, "node_modules"), { recursive: true });
const modules = ["baseline", "baseline-threads", "relaxed", "relaxed-threads"].map(
  (build) => `convgrad-${build}.wasm`,
);
const elements = [
  ...["element.js", "element.d.ts", "element-app.js", "element-worker.js"],
  ...["element-digits.bin", "element-words-en.json", "element-words-zh.json"],
];
cpSync(shipped, join(consumer, "node_modules", "convgrad"), { recursive: true });

test("it holds the modules, their hashes, the compiled sources and nothing else", () => {
  const scripts = ["convgrad-thread", "convgrad-worker", "crew", "load", "worker"];
  const sources = readdirSync(join(root, "web", "package", "src"))
    .filter((name) => !name.endsWith(".d.ts"))
    .map((name) => name.replace(/\.ts$/, ".d.ts"));
  const expected = [
    ...["LICENSE", "README.md", "package.json"],
    ...["dist/CHANGELOG.md", "dist/THIRD_PARTY_NOTICES.md", "dist/integrity.json"],
    ...modules.map((name) => `dist/${name}`),
    // It has no code of its own, and so no map.
    "dist/index.js",
    ...scripts.flatMap((name) => [`dist/${name}.js`, `dist/${name}.js.map`]),
    ...[...sources, "wasm.d.ts"].map((name) => `dist/${name}`),
    ...elements.map((name) => `dist/${name}`),
  ];
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort());
});

test("publint and arethetypeswrong find nothing", async () => {
  const tarball = readFileSync(join(folder, packed.filename));
  const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length);
  const { messages } = await publint({ pack: { tarball: bytes }, strict: true });
  assert.deepEqual(messages, []);
  const { problems, types } = await checkPackage(
    createPackageFromTarballData(new Uint8Array(bytes)),
  );
  assert.equal(types.kind, "included");
  // What cannot be otherwise of a package of ES modules with subpaths: for resolution as before Node 12
  // these do not exist, and CommonJS has to import() it.
  const found = problems.filter(
    ({ kind, resolutionKind }) => resolutionKind !== "node10" && kind !== "CJSResolvesToESM",
  );
  assert.deepEqual(found, []);
});

test("what has side effects is named: the scripts that workers run, and the elements", () => {
  const { sideEffects, exports } = JSON.parse(readFileSync(join(shipped, "package.json"), "utf8"));
  assert.deepEqual(sideEffects, [
    ...["./dist/convgrad-thread.js", "./dist/convgrad-worker.js"],
    ...["./dist/element.js", "./dist/element-worker.js"],
  ]);
  for (const entry of Object.values(exports).filter(({ types }) => types)) {
    assert.equal(Object.keys(entry)[0], "types");
  }
});

test("the hashes are those of the files, and reach whoever asks by name", async () => {
  const scripts = readdirSync(join(shipped, "dist")).filter((name) => /\.(js|wasm)$/.test(name));
  const hashes = JSON.parse(readFileSync(join(shipped, "dist", "integrity.json"), "utf8"));
  assert.deepEqual(Object.keys(hashes), scripts.sort());
  for (const name of scripts) {
    const hash = createHash("sha384").update(readFileSync(join(shipped, "dist", name)));
    assert.equal(hashes[name], `sha384-${hash.digest("base64")}`, name);
  }
  const { resolve } = createRequire(join(consumer, "use.mjs"));
  for (const name of [...modules, "integrity.json"]) {
    assert.equal(resolve(`convgrad/${name}`), join(consumer, "node_modules/convgrad/dist", name));
  }
});

test("it depends on nothing and runs nothing when it is installed", () => {
  const manifest = JSON.parse(readFileSync(join(shipped, "package.json"), "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.peerDependencies, undefined);
  assert.equal(manifest.optionalDependencies, undefined);
  for (const name of ["preinstall", "install", "postinstall", "prepare"]) {
    assert.equal(manifest.scripts?.[name], undefined, name);
  }
});

test("each module stays within 45 kB gzipped, the JavaScript in all below 25 kB, the elements' below 110", () => {
  const size = (...names) =>
    gzipSync(Buffer.concat(names.map((name) => readFileSync(join(shipped, name)))), { level: 9 })
      .length;
  for (const name of modules) assert.ok(size(`dist/${name}`) <= 45_000, name);
  const scripts = packed.files.map(({ path }) => path).filter((path) => path.endsWith(".js"));
  // Whoever does not import the elements loads nothing of them.
  const isElement = (path) => path.startsWith("dist/element");
  const core = scripts.filter((path) => !isElement(path));
  assert.ok(size(...core) < 25_000, `${size(...core)} bytes`);
  assert.ok(size(...scripts.filter(isElement)) < 110_000);
  // And on a page that has none yet, only what defines them is loaded.
  assert.ok(size("dist/element.js") < 1500);
});

test("it names no place of the machine that built it", () => {
  for (const { path } of packed.files) {
    const text = readFileSync(join(shipped, path), "latin1");
    assert.ok(!text.includes(root), `${path} names the folder it was built in`);
    assert.doesNotMatch(text, /\/(home|root|tmp)\//, path);
  }
  for (const { path } of packed.files.filter((file) => file.path.endsWith(".map"))) {
    const map = JSON.parse(readFileSync(join(shipped, path), "utf8"));
    assert.equal(map.sourcesContent.length, map.sources.length, `${path} carries its source`);
    for (const source of map.sources) assert.match(source, /^\.\.\/web\/package\/src\//);
  }
});

test("it runs from an empty folder", () => {
  writeFileSync(
    join(consumer, "use.mjs"),
    `import { load } from "convgrad";
    const cg = await load();
    const x = { data: Float32Array.from({ length: 9 }, (_, i) => i), shape: [1, 1, 3, 3] };
    const w = { data: Float32Array.of(0, 1, 2, 3), shape: [1, 1, 2, 2] };
    const { dx } = cg.conv2dBackward({ ...w }, x, w);
    console.log([...cg.conv2d(x, w).data].join(), [...dx.data].join());`,
  );
  const flags = ["--disallow-code-generation-from-strings", "use.mjs"];
  const run = spawnSync(process.execPath, flags, { cwd: consumer, encoding: "utf8" });
  assert.equal(run.stderr, "");
  assert.equal(run.stdout, "19,25,37,43 0,0,1,0,4,6,4,12,9\n");
});

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/** What TypeScript says of this program, checked strictly and with the package's declarations. */
function typecheck(source, lib) {
  writeFileSync(join(consumer, "use.mts"), source);
  const settings = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"];
  const args = [tsc, ...settings, "--lib", lib, "use.mts"];
  return spawnSync(process.execPath, args, { cwd: consumer, encoding: "utf8" }).stdout;
}

const program = `
  import { ConvGradError, load, type ConvGrad, type PlainTensor, type Tensor } from "convgrad";
  import type { ConvGradLabElement } from "convgrad/element";
  const cg: ConvGrad = await load({ threads: "auto", simd: "auto" });
  const x: Tensor = cg.tensor([1, 1, 3, 3]);
  const w = cg.tensor([1, 1, 2, 2], new Float32Array(4));
  const where: Tensor<Int32Array> = cg.tensor([1], new Int32Array(1));
  const y: Tensor = cg.conv2d(x, w, { padding: "same", stride: [1, 2] });
  const all: { dx: Tensor; dw: Tensor; db: Tensor } = cg.conv2dBackward(y, x, w);
  const some: Tensor | undefined = cg.conv2dBackward(y, x, w, { need: { db: false } }).dx;
  const plain = { data: new Float32Array(9), shape: [1, 1, 3, 3] };
  const mixed: PlainTensor = cg.conv2d(plain, w, { bias: plain, out: plain, algorithm: "winograd" });
  const pooled = cg.maxPool2d(x, { kernel: 2, out: { y } });
  const dx: Tensor = cg.maxPool2dBackward(pooled.y, pooled.indices, [1, 1, 3, 3], { kernel: 2 });
  const view: Int32Array = pooled.indices.data;
  const mean: PlainTensor = cg.avgPool2d(plain, { kernel: [2, 2], countIncludePad: true });
  const col: Tensor = cg.im2col(x, { kernel: 2 });
  cg.col2im(col, x.shape, { kernel: 2 }).dispose();
  cg.zeroInsert(cg.rot180(w), [2, 2])[Symbol.dispose]();
  try { cg.releaseMemory(); } catch (error) {
    if (error instanceof ConvGradError && error.code === "disposed") throw error;
  }
  const live: number = cg.memory().live;
  const { result, phases } = cg.profile(() => cg.conv2d(x, w));
  const spent: number = phases.reduce((total, { ms }) => total + ms, 0);
  result.dispose();
  cg.dispose();
  const lab: ConvGradLabElement = document.createElement("convgrad-lab");
  lab.addEventListener("result", ({ detail }) => { lab.lang = typeof detail; });
  document.querySelector("convgrad-lesson")!.section = "dx";
  export { all, dx, live, mean, mixed, some, spent, view, where };
`;

test("its declarations hold for a strict program, whatever else it knows", () => {
  assert.equal(typecheck(program, "es2022,dom"), "");
  const using = `${program}\n{ using t = cg.tensor([1]); t.data; }`;
  assert.equal(typecheck(using, "esnext,dom"), "");
});

test("its declarations refuse what the package would", () => {
  const wrong = [
    ["cg.conv2d(x, w, { strid: 1 });", /'strid' does not exist/],
    ["cg.conv2d(x, w, { padding: 'SAME' });", /not assignable/],
    ["cg.maxPool2d(x, {});", /'kernel' is missing/],
    ["cg.maxPool2d(x, { kernel: 2, countIncludePad: true });", /'countIncludePad' does not exist/],
    ["cg.avgPool2d(x, { kernel: 2, algorithm: 'winograd' });", /not assignable/],
    ["cg.conv2d(plain, w).dispose();", /'dispose' does not exist/],
    ["cg.conv2d({ data: new Float64Array(9), shape: [1, 1, 3, 3] }, w);", /not assignable/],
    ["cg.conv2dBackward(y, x, w, { need: { dx: false } }).dx.dispose();", /possibly 'undefined'/],
    ["x.shape[0] = 2;", /only permits reading/],
    ["cg.maxPool2dBackward(y, x, [1, 1, 3, 3], { kernel: 2 });", /not assignable|No overload/],
  ];
  const lines = program.split("\n").length;
  const said = typecheck([program, ...wrong.map(([line]) => line)].join("\n"), "es2022,dom");
  // One message a line of the program, each with further lines that are indented.
  const messages = said.split(/\n(?=\S)/);
  assert.equal(messages.length, wrong.length, said);
  wrong.forEach(([line, words], i) => {
    assert.match(messages[i], new RegExp(`^use\\.mts\\(${lines + 1 + i},`), line);
    assert.match(messages[i], words, line);
  });
});

test("it is as light as its parts: the tarball's size is theirs", () => {
  assert.ok(statSync(join(folder, packed.filename)).size < 600_000);
});
