// Threads and profiles in Node: the same bits whatever their number, and their end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { after, describe, test } from "node:test";
import { algorithms, builds, generator, load, reals } from "./support/data.mjs";
import { wasmBytes } from "./support/wasm.mjs";

// Each large enough to get the pool, with tails in every direction; the last one stays on one thread.
const shapes = [
  { x: [16, 3, 28, 28], w: [4, 3, 3, 3], o: { padding: 1 } },
  { x: [3, 8, 41, 37], w: [10, 4, 5, 3], o: { groups: 2, stride: [2, 1], padding: [2, 1, 0, 1] } },
  { x: [1, 24, 30, 30], w: [33, 24, 3, 3], o: { dilation: 2 } },
  // Sums of several bands of several blocks, rows that are joined, rows a tile.
  { x: [1, 1100, 9, 57], w: [45, 1100, 1, 1], o: { stride: 2 } },
  { x: [2, 200, 27, 61], w: [1, 200, 3, 3], o: { stride: [2, 1], padding: 1 } },
  // Images with less to read than weights, whose output channels the threads share.
  { x: [1, 70, 9, 11], w: [67, 70, 3, 3], o: { padding: 1 } },
  { x: [1, 66, 17, 15], w: [131, 66, 3, 3], o: { stride: 2, padding: 1 } },
  // Fully connected layers, of rows that share sets of the cache, too; few windows.
  { x: [131, 60, 3, 3], w: [40, 60, 3, 3], o: {} },
  { x: [37, 512, 1, 1], w: [301, 512, 1, 1], o: {} },
  { x: [1, 96, 9, 8], w: [150, 96, 3, 3], o: { stride: 2, padding: 1 } },
  // Small maps of several images.
  { x: [21, 28, 4, 5], w: [44, 28, 3, 3], o: { padding: [1, 2] } },
  { x: [1, 1, 6, 6], w: [1, 1, 3, 3], o: {} },
];

const bits = ({ data }) => new Uint32Array(data.buffer, data.byteOffset, data.length);

function calculate(cg, { x, w, o }, algorithm) {
  const next = generator(x[1]);
  const [input, filters] = [reals(x, next), reals(w, next)];
  const y = cg.conv2d(input, filters, { ...o, algorithm });
  const { dx, dw, db } = cg.conv2dBackward(y, input, filters, { ...o, algorithm });
  const pool = { kernel: 3, stride: 2, padding: 1, algorithm: "auto" };
  const max = cg.maxPool2d(input, pool);
  const mean = cg.avgPool2d(input, pool);
  const back = [
    cg.maxPool2dBackward(max.y, max.indices, x, pool),
    cg.avgPool2dBackward(mean, x, pool),
  ];
  return [y, dx, dw, db, max.y, max.indices, mean, ...back].map(bits);
}

for (const simd of builds) {
  describe(`the ${simd} build`, () => {
    const instances = [];
    const started = (threads) =>
      load({ simd, threads }).then((cg) => {
        instances.push(cg);
        return cg;
      });
    after(() => {
      for (const cg of instances) cg.dispose();
    });

    test("gives the same bits on one, two, three and four threads", async () => {
      const one = await started(1);
      for (const threads of [2, 3, 4]) {
        const cg = await started(threads);
        assert.equal(cg.info.threads, threads);
        for (const shape of shapes) {
          for (const algorithm of algorithms) {
            const expected = calculate(one, shape, algorithm);
            // More than once: the first time the code is new, and another compiler's.
            for (let round = 0; round < 3; ++round) {
              const what = `${threads} threads, ${algorithm}, ${shape.x}, round ${round}`;
              assert.deepEqual(calculate(cg, shape, algorithm), expected, what);
            }
          }
        }
      }
    });

    test("keeps its tensors when the memory grows under the threads", async () => {
      const cg = await started(2);
      const small = cg.tensor([2], Float32Array.of(1, 2));
      const before = cg.memory().total;
      const large = cg.tensor([before]);
      assert.ok(cg.memory().total > before);
      assert.deepEqual([...small.data], [1, 2]);
      assert.equal(large.data.length, before);
      const [shape] = shapes;
      const one = await started(1);
      assert.deepEqual(calculate(cg, shape, "auto"), calculate(one, shape, "auto"));
    });
  });
}

describe("load", () => {
  test("takes a thread for each core, at most 8, and any number up to 16", async () => {
    const cg = await load();
    assert.equal(cg.info.threads, Math.min(availableParallelism(), 8));
    cg.dispose();
    const many = await load({ threads: 1000 });
    assert.equal(many.info.threads, 16);
    many.dispose();
  });

  test("sees from a given module whether it has threads", async () => {
    const shared = await load({ wasmBinary: await wasmBytes("baseline-threads"), threads: 2 });
    assert.equal(shared.info.threads, 2);
    shared.dispose();
    const alone = await load({ wasmBinary: await wasmBytes("baseline-threads"), threads: 1 });
    assert.equal(alone.info.threads, 1);
    calculate(alone, shapes[0], "auto");
    const without = await load({ wasmBinary: await wasmBytes("baseline"), threads: 2 });
    assert.equal(without.info.threads, 1);
  });

  test("goes on with one thread where memory cannot be shared, or has no room to be", async () => {
    globalThis.crossOriginIsolated = false;
    try {
      assert.equal((await load({ threads: 2 })).info.threads, 1);
    } finally {
      delete globalThis.crossOriginIsolated;
    }
    const whole = WebAssembly.Memory;
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      }
    };
    try {
      const cg = await load({ threads: 2 });
      assert.equal(cg.info.threads, 1);
      calculate(cg, shapes[0], "auto");
    } finally {
      WebAssembly.Memory = whole;
    }
  });
});

/** Runs a program of its own; it fails when it does not end within some seconds. */
function runs(script) {
  const cwd = new URL("../../", import.meta.url);
  const program = `import { load } from "./dist/index.js";\n${script}`;
  const args = ["--disallow-code-generation-from-strings", "--expose-gc", "--input-type=module"];
  return spawnSync(process.execPath, [...args, "--eval", program], {
    cwd,
    encoding: "utf8",
    timeout: 20_000,
  });
}

describe("the end", () => {
  test("of a program is not put off by threads that wait", () => {
    const run = runs(`const cg = await load({ threads: 3 }); console.log(cg.info.threads);`);
    assert.equal(run.stdout, "3\n", run.stderr);
    assert.equal(run.status, 0, run.error);
  });

  // Node tells through process.report how many workers there are.
  const workers = `const workers = () => process.report.getReport().workers.length;
    const gone = async () => {
      for (let i = 0; i < 200 && workers() > 0; ++i) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return workers();
    };`;

  test("of an instance ends its threads, by dispose()", () => {
    const run = runs(`${workers}
      const cg = await load({ threads: 3 });
      console.log(workers());
      cg.dispose();
      cg.dispose();
      console.log(await gone());`);
    assert.equal(run.stdout, "2\n0\n", run.stderr);
  });

  test("of an instance that nobody can reach ends its threads, too", () => {
    const run = runs(`${workers}
      await (async () => { console.log((await load({ threads: 3 })).info.threads); })();
      console.log(await gone());`);
    assert.equal(run.stdout, "3\n0\n", run.stderr);
  });

  for (const threads of [1, 2]) {
    test(`makes whatever comes later an error, with ${threads} threads`, async () => {
      const cg = await load({ threads });
      const x = cg.tensor([1, 1, 3, 3]);
      cg.dispose();
      const later = [
        () => x.data,
        () => cg.tensor([1]),
        () => cg.conv2d(x, x),
        () => cg.conv2dBackward(x, x, x),
        () => cg.maxPool2d(x, { kernel: 2 }),
        () => cg.maxPool2dBackward(x, x, [1, 1, 3, 3], { kernel: 2 }),
        () => cg.avgPool2d(x, { kernel: 2 }),
        () => cg.avgPool2dBackward(x, [1, 1, 3, 3], { kernel: 2 }),
        () => cg.im2col(x, { kernel: 2 }),
        () => cg.col2im(x, [1, 1, 3, 3], { kernel: 2 }),
        () => cg.rot180(x),
        () => cg.zeroInsert(x, 2),
        () => cg.profile(() => 1),
        () => cg.memory(),
        () => cg.releaseMemory(),
      ];
      for (const call of later) {
        assert.throws(call, { name: "ConvGradError", code: "disposed" }, String(call));
      }
      x.dispose();
      cg[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    });
  }
});
