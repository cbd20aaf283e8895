// The packed tarball for strict TypeScript: under both kinds of module resolution, with the browser's
// types and with Node's, its own declarations checked too.
import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { attempt, ownTool, packForConsumers } from "./support/consumer.mjs";

const program = `
import { ConvGradError, load, type ConvGrad, type PlainTensor, type Tensor } from "convgrad";
import { load as loadInWorker, move, type RemoteConvGrad } from "convgrad/worker";

const cg: ConvGrad = await load({ threads: 1, simd: "baseline" });
const x: Tensor = cg.tensor([1, 1, 3, 3]);
const w: PlainTensor = { data: new Float32Array(4), shape: [1, 1, 2, 2] };
const y: PlainTensor = cg.conv2d(x, w, { padding: "same" });
const { dx, dw, db } = cg.conv2dBackward(y, x, w, { padding: "same" });
export const numbers: Float32Array[] = [dx.data, dw.data, db.data];

const remote: RemoteConvGrad = await loadInWorker();
export const far: PlainTensor = await remote.conv2d(move(w), w);
export const refused = (error: unknown): string | null =>
  error instanceof ConvGradError ? error.code : null;
`;

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUncheckedSideEffectImports: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
  target: "ES2022",
  types: [],
};
const projects = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2022", "DOM"] },
  bundler: { module: "ESNext", moduleResolution: "Bundler", lib: ["ES2022", "DOM"] },
  "nodenext, with Node's types only": {
    ...{ module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2022"], types: ["node"] },
  },
  "bundler, in a worker": {
    ...{ module: "ESNext", moduleResolution: "Bundler", lib: ["ES2022", "WebWorker"] },
  },
};

describe("the packed tarball for strict TypeScript", () => {
  let consumers;
  before(async () => {
    consumers = await packForConsumers();
  });
  after(() => consumers?.close());

  for (const [name, settings] of Object.entries(projects)) {
    test(`compiles under ${name}`, async () => {
      const options = { compilerOptions: { ...strict, ...settings }, files: ["use.ts"] };
      const files = { "use.ts": program, "tsconfig.json": JSON.stringify(options) };
      const consumer = await consumers.make(name.replaceAll(/\W+/g, "-"), files);
      if (settings.types) await linkTypesOfNode(consumer);
      const tsc = ownTool("typescript/bin/tsc");
      const { code, output } = await attempt(process.execPath, [tsc, "-p", "."], consumer);
      assert.equal(output, "");
      assert.equal(code, 0);
    });
  }
});

async function linkTypesOfNode(consumer) {
  await mkdir(join(consumer, "node_modules", "@types"), { recursive: true });
  await symlink(ownTool("@types/node"), join(consumer, "node_modules", "@types", "node"));
}
