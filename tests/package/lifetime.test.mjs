// What is given back, when and by whom: tensors, instances, modules, threads.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { ConvGradError, load } from "./support/data.mjs";

/** A program of its own that can call the garbage collector; what it says. */
function program(script) {
  const args = ["--disallow-code-generation-from-strings", "--expose-gc", "--input-type=module"];
  const prelude = `import { load } from "./dist/index.js";
    const sleep = () => new Promise((resolve) => setTimeout(resolve, 10));
    const collected = async (done) => {
      // Not in one go: what done() has looked at stays alive as long as its job runs.
      for (let i = 0; i < 300 && !done(); ++i) { await sleep(); globalThis.gc(); await sleep(); }
      return done();
    };`;
  const run = spawnSync(process.execPath, [...args, "--eval", `${prelude}\n${script}`], {
    cwd: new URL("../../", import.meta.url),
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(run.stderr, "");
  return run.stdout;
}

describe("memory()", () => {
  test("tells what is live, the most that was, and of what it consists", async () => {
    const cg = await load({ threads: 1 });
    const before = cg.memory();
    assert.deepEqual(before, { ...before, live: 0, peak: 0, tensors: 0, scratch: 0, staging: 0 });
    const t = cg.tensor([1000]);
    const one = cg.memory();
    assert.equal(one.tensors, 4000);
    assert.ok(one.live >= 4000 && one.live < 4100 && one.peak === one.live);
    const second = cg.tensor([1000]);
    second.dispose();
    const two = cg.memory();
    assert.equal(two.live, one.live);
    assert.ok(two.peak >= one.live + 4000);
    const plain = { data: new Float32Array(64 * 64 * 8), shape: [1, 8, 64, 64] };
    cg.conv2d(plain, { data: new Float32Array(576), shape: [8, 8, 3, 3] }, { padding: 1 });
    const three = cg.memory();
    assert.ok(three.scratch > 0 && three.staging >= 2 * plain.data.byteLength);
    assert.ok(three.live >= three.tensors + three.scratch + three.staging);
    assert.ok(three.peak >= three.live && three.peak <= three.total);
    cg.releaseMemory();
    t.dispose();
    assert.equal(cg.memory().live, 0);
    assert.equal(cg.memory().peak, three.peak, "a peak stays");
  });
});

describe("a tensor that nobody can reach", () => {
  test("is freed by the garbage collector, and one that was disposed of not again", () => {
    const said = program(`
      const cg = await load({ threads: 1 });
      const kept = cg.tensor([10], new Float32Array(10).fill(7));
      (() => {
        for (let i = 0; i < 1000; ++i) {
          const t = cg.tensor([100 + i]);
          if (i % 2 === 0) t.dispose();
        }
      })();
      // Where freed tensors were there are others by now.
      const others = Array.from({ length: 200 }, (_, i) => cg.tensor([100], new Float32Array(100).fill(i)));
      const rest = 40 + 200 * 400;
      console.log(await collected(() => cg.memory().tensors === rest), cg.memory().tensors - rest);
      console.log(others.every((t, i) => t.data.every((value) => value === i)), kept.data[9]);`);
    assert.equal(said, "true 0\ntrue 7\n");
  });

  test("is none of a disposed instance's business", () => {
    const said = program(`
      const other = await load({ threads: 1 });
      await (async () => {
        const cg = await load({ threads: 1 });
        for (let i = 0; i < 100; ++i) cg.tensor([100]);
        cg.dispose();
      })();
      for (let i = 0; i < 20; ++i) { globalThis.gc(); await sleep(); }
      console.log(other.memory().live);`);
    assert.equal(said, "0\n");
  });
});

describe("load()", () => {
  test("fetches and compiles a module once, while an instance of it lives", () => {
    const said = program(`
      const { compile } = WebAssembly;
      let compilations = 0;
      WebAssembly.compile = (bytes) => (++compilations, compile(bytes));
      const [one, two] = await Promise.all([load({ threads: 1 }), load({ threads: 1 })]);
      const three = await load({ threads: 1 });
      console.log(compilations);
      await load({ threads: 2 });
      console.log(compilations);
      // Each has memory of its own all the same.
      const t = one.tensor([1]);
      try { two.rot180(t); } catch ({ code }) { console.log(code); }
      console.log(two.memory().tensors);
      one.dispose();
      console.log(three.rot180({ data: Float32Array.of(1, 2), shape: [1, 1, 1, 2] }).data.join());`);
    assert.equal(said, "1\n2\nbad-argument\n0\n2,1\n");
  });

  test("tries again after it has failed", async () => {
    const { compile } = WebAssembly;
    const simd = "baseline";
    WebAssembly.compile = async () => {
      throw new WebAssembly.CompileError("not today");
    };
    try {
      // Not shared: the engine cannot even compile the smallest module.
      await assert.rejects(load({ simd, threads: 4 }), (error) => {
        assert.ok(error instanceof ConvGradError);
        return error.code === "unsupported-engine";
      });
    } finally {
      WebAssembly.compile = compile;
    }
    (await load({ simd, threads: 4 })).dispose();
  });

  test("and dispose() give everything back: thirty instances, with threads too", () => {
    const said = program(`
      const workers = () => process.report.getReport().workers.length;
      const refs = [];
      const use = async (threads) => {
        const cg = await load({ threads });
        cg.tensor([100_000]);
        cg.dispose();
        refs.push(new WeakRef(cg));
      };
      for (let i = 0; i < 30; ++i) await use(1 + (i % 2));
      console.log(await collected(() => workers() === 0));
      console.log(await collected(() => refs.every((ref) => ref.deref() === undefined)));
      console.log(process.memoryUsage().rss < 500e6);`);
    assert.equal(said, "true\ntrue\ntrue\n");
  });
});

describe("forward and backward calls", () => {
  for (const threads of [1, 2]) {
    test(`fifty thousand of them keep memory flat, with ${threads} threads`, async () => {
      const cg = await load({ threads });
      const x = cg.tensor([1, 1, 3, 3]);
      const w = cg.tensor([1, 1, 3, 3]);
      const round = () => {
        const y = cg.conv2d(x, w, { padding: 1 });
        const { dx, dw, db } = cg.conv2dBackward(y, x, w, { padding: 1 });
        for (const tensor of [y, dx, dw, db]) tensor.dispose();
      };
      // Twice, as the first time the buffers for intermediate results are not there yet.
      round();
      round();
      const before = cg.memory();
      for (let i = 0; i < 50_000; ++i) round();
      assert.deepEqual(cg.memory(), before);
      cg.dispose();
    });
  }
});
