// The lesson's models: what they compute, and which numbers they say it is made of.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "convgrad";
import { pageModule } from "./modules.mjs";

const cg = await load();
const lesson = (file) => pageModule(`sections/lesson/${file}`);
const { boundsOf, convolution, edit, resize, shapesOf } = await lesson("convolution.ts");
const { Links, gridOf, numberIn, sentence, sumOf, write } = await lesson("linked/figure.ts");

const CHAPTER = { n: 1, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2, stride: 1, padding: 0, dilation: 1 };
/** Nothing in it is square, one, or like anything else. */
const UNEVEN = { n: 2, c: 3, h: 6, w: 7, k: 2, r: 3, s: 2, stride: 2, padding: 1, dilation: 2 };
const EXTENTS = [
  CHAPTER,
  UNEVEN,
  { ...CHAPTER, stride: 2, padding: 1 },
  { ...CHAPTER, c: 2, k: 2, padding: 3 },
  { ...CHAPTER, h: 7, w: 5, r: 3, s: 1, stride: 3 },
];

const numbersOf = (figure, grid) => [...gridOf(figure, grid).data];

/** Every computed cell is what its terms make it. */
function assertSums(figure) {
  let sums = 0;
  for (const grid of figure) {
    for (let at = 0; grid.sumOf && at < grid.data.length; ++at) {
      const { kind, terms, divisor = 1, minus } = sumOf(figure, { grid: grid.id, at });
      const products = terms.map((term, i) =>
        term.reduce((product, cell) => product * numberIn(figure, cell), i >= minus ? -1 : 1),
      );
      const total = products.reduce((a, b) => a + b, 0);
      const wanted = kind === "max" ? Math.max(...products) : total / divisor;
      const found = grid.data[at];
      const slack = 1e-6 * Math.max(1, Math.abs(wanted));
      assert.ok(Math.abs(found - wanted) <= slack, `${grid.id} ${at}: ${found}, not ${wanted}`);
      ++sums;
    }
  }
  assert.ok(sums > 0);
}

const sentenceOf = (figure, grid, at) => sentence(write(figure, { grid, at }, String));

describe("extents", () => {
  test("whatever the sliders allow, from any state, is legal and has an output", () => {
    let state = convolution(CHAPTER);
    let seed = 1;
    const next = (count) => {
      seed = (seed * 48271) % 0x7fffffff;
      return seed % count;
    };
    for (let i = 0; i < 2000; ++i) {
      const bounds = boundsOf(state.extents);
      const field = Object.keys(bounds)[next(10)];
      const { min, max } = bounds[field];
      assert.ok(min <= state.extents[field] && state.extents[field] <= max, field);
      state = resize(state, { [field]: min + next(max - min + 1) });
      assert.ok(
        shapesOf(state.extents).dy.every((extent) => extent >= 1),
        JSON.stringify(state.extents),
      );
    }
  });

  test("an edited number stays in its place when the extents change", () => {
    const edited = edit(convolution(CHAPTER), "x", 4, 50);
    const grown = resize(edited, { h: 4, w: 5, c: 2 });
    assert.equal(grown.numbers.x.length, 40);
    assert.equal(grown.numbers.x[6], 50);
    assert.deepEqual(resize(convolution(CHAPTER), { w: 4 }).numbers.x.slice(0, 5), [0, 1, 2, 3, 4]);
  });
});

describe("forward", async () => {
  const { INITIAL, compute, figure } = await lesson("forward/model.ts");
  const draw = (state) => figure(state, compute(cg, state));

  test("formulas (1)-(4)", () => {
    const drawn = draw(INITIAL);
    assert.deepEqual(numbersOf(drawn, "z"), [20, 26, 38, 44]);
    assert.equal(sentenceOf(drawn, "z", 0), "z[0,0] = 0·0 + 1·1 + 2·3 + 3·4 + 1 = 20");
    assert.equal(
      write(drawn, { grid: "z", at: 3 }, String).letters,
      "w[0,0]·x[1,1] + w[0,1]·x[1,2] + w[1,0]·x[2,1] + w[1,1]·x[2,2] + b[0]",
    );
  });

  for (const extents of EXTENTS) {
    test(`every sum: ${JSON.stringify(extents)}`, () => {
      const state = convolution(extents);
      assert.equal(compute(cg, state).agree, true);
      assertSums(draw(state));
    });
  }

  test("a cell lights up what it is made of and what is made of it, through the padding too", () => {
    const drawn = draw(convolution({ ...CHAPTER, padding: 1 }));
    const roles = new Links(drawn).roles({ grid: "x", at: 4 });
    assert.equal(roles.get("x:4"), "hub");
    assert.equal(roles.get("xPadded:12"), "result");
    const outcomes = [...roles].filter(([, role]) => role === "outcome").map(([key]) => key);
    assert.deepEqual(outcomes.sort(), ["z:10", "z:5", "z:6", "z:9"]);
    const back = new Links(drawn).roles({ grid: "z", at: 0 });
    assert.equal(back.get("xPadded:6"), "source");
    assert.equal(back.get("x:0"), "origin");
    assert.equal(back.get("x:1"), undefined);
  });
});

describe("dx", async () => {
  const { INITIAL, compute, figure } = await lesson("dx/model.ts");
  const draw = (state, step = 0) => figure(state, compute(cg, state), step);
  const scatter = { ...INITIAL, method: "scatter" };

  test("the chapter's numbers, by both methods", () => {
    assert.deepEqual(numbersOf(draw(INITIAL), "dx"), [0, 0, 1, 0, 4, 6, 4, 12, 9]);
    assert.equal(sentenceOf(draw(INITIAL), "dx", 4), "dx[1,1] = 0·3 + 1·2 + 2·1 + 3·0 = 4");
    assert.deepEqual(numbersOf(draw(scatter), "dx"), [0, 0, 1, 0, 4, 6, 4, 12, 9]);
  });

  test("scattering adds up step by step", () => {
    const centres = [1, 2, 3, 4].map((step) => numbersOf(draw(scatter, step), "dx")[4]);
    assert.deepEqual(centres, [0, 2, 4, 4]);
    assert.equal(sentenceOf(draw(scatter, 2), "dx", 4), "dx[1,1] = 0·3 + 1·2 = 2");
  });

  for (const extents of EXTENTS) {
    for (const method of ["gather", "scatter"]) {
      test(`every sum, and the numerical gradient: ${method} ${JSON.stringify(extents)}`, () => {
        // One sample: the section has no batch.
        const state = { ...convolution({ ...extents, n: 1 }), method, broken: false };
        const computed = compute(cg, state);
        assert.ok(!computed.check.wrong.includes(true), JSON.stringify(computed.check));
        const steps = computed.partial.length;
        for (const step of [0, 1, Math.floor(steps / 2)]) assertSums(figure(state, computed, step));
      });
    }
  }

  test("the check finds what is broken on purpose, and the sums show how", () => {
    const noRot180 = { ...INITIAL, broken: true };
    assert.ok(compute(cg, noRot180).check.wrong.includes(true));
    assertSums(draw(noRot180));
    assert.equal(sentenceOf(draw(noRot180), "dx", 4), "dx[1,1] = 0·0 + 1·1 + 2·2 + 3·3 = 14");
    const assign = { ...scatter, broken: true };
    assert.deepEqual(numbersOf(draw(assign), "dx"), [0, 0, 1, 0, 0, 3, 4, 6, 9]);
    assert.deepEqual(
      compute(cg, assign).check.wrong.flatMap((wrong, at) => (wrong ? [at] : [])),
      [4, 5, 7],
    );
    for (const step of [0, 1, 3]) assertSums(draw(assign, step));
  });
});

describe("dw and db", async () => {
  const { INITIAL, compute, figure } = await lesson("dw/model.ts");
  const draw = (state) => figure(state, compute(cg, state));

  test("the chapter's numbers for one sample", () => {
    const drawn = draw({ ...convolution(CHAPTER), broken: false });
    assert.deepEqual(numbersOf(drawn, "dw"), [19, 25, 37, 43]);
    assert.deepEqual(numbersOf(drawn, "db"), [6]);
    assert.equal(sentenceOf(drawn, "dw", 0), "dW[0,0] = 0·0 + 1·1 + 3·2 + 4·3 = 19");
  });

  test("two samples are divided by the batch, and it is found out when they are not", () => {
    assert.match(sentenceOf(draw(INITIAL), "db", 0), /^dB\[0\] = \(0 \+ .* \+ 7\) ÷ 2 = 14$/);
    assert.ok(!compute(cg, INITIAL).check.wrong.includes(true));
    const broken = { ...INITIAL, broken: true };
    assert.ok(compute(cg, broken).check.wrong.every((wrong) => wrong));
    assertSums(draw(broken));
  });

  for (const extents of EXTENTS) {
    test(`every sum, and the numerical gradient: ${JSON.stringify(extents)}`, () => {
      const state = { ...convolution(extents), broken: false };
      const computed = compute(cg, state);
      assert.ok(!computed.check.wrong.includes(true), JSON.stringify(computed.check));
      assertSums(figure(state, computed));
    });
  }
});

describe("img2col and col2img", async () => {
  const { EXAMPLES, INITIAL, compute } = await lesson("img2col/model.ts");
  const { figure, pathOf } = await lesson("img2col/figure.ts");
  const draw = (state, step = 0) => figure(state, compute(cg, state), step);

  test("the single example, as the chapter prints it", () => {
    const drawn = draw(INITIAL);
    assert.deepEqual(numbersOf(drawn, "colX"), [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8]);
    assert.deepEqual(numbersOf(drawn, "dW"), [19, 25, 37, 43]);
    assert.deepEqual(numbersOf(drawn, "dcol"), [0, 0, 0, 0, 0, 1, 2, 3, 0, 2, 4, 6, 0, 3, 6, 9]);
    assert.deepEqual(numbersOf(drawn, "dx"), [0, 0, 1, 0, 4, 6, 4, 12, 9]);
    assert.equal(sentenceOf(drawn, "dx", 4), "δ_out[1,1] = 0 + 2 + 2 + 0 = 4");
  });

  test("four steps in four colours, overlaps added", () => {
    const computed = compute(cg, INITIAL);
    assert.deepEqual(
      pathOf(INITIAL, computed).map(({ at }) => at),
      [4, 4, 4, 4],
    );
    const steps = [1, 2, 3, 4].map((step) => figure(INITIAL, computed, step));
    assert.deepEqual(
      steps.map((drawn) => numbersOf(drawn, "dx")),
      [
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 2, 3, 0, 0, 0],
        [0, 0, 1, 0, 4, 3, 4, 6, 0],
        [0, 0, 1, 0, 4, 6, 4, 12, 9],
      ],
    );
    const tinted = steps.map((drawn) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map(gridOf(drawn, "dx").tint));
    assert.deepEqual(tinted[1].map((tint) => tint ?? "-").join(""), "-11-11---");
    assert.deepEqual(tinted[3].map((tint) => tint ?? "-").join(""), "----33-33");
    for (const drawn of steps) assertSums(drawn);
  });

  test("the batch example", () => {
    const state = resize(INITIAL, EXAMPLES.batch);
    const drawn = draw(state);
    assert.deepEqual(numbersOf(drawn, "dW2d").slice(0, 4), [564, 812, 586, 850]);
    assert.deepEqual(numbersOf(drawn, "dW").slice(-2), [1610, 1648]);
    assert.deepEqual(numbersOf(drawn, "dcol").slice(-2), [440, 466]);
    assert.deepEqual(numbersOf(drawn, "dx").slice(-3), [408, 872, 466]);
    assert.deepEqual(numbersOf(drawn, "dx").slice(0, 3), [48, 112, 66]);
  });

  for (const name of ["single", "batch"]) {
    for (const pass of ["forward", "backward"]) {
      for (const changes of [{}, { stride: 2, padding: 1 }, { padding: 3 }]) {
        test(`every sum: ${name}, ${pass}, ${JSON.stringify(changes)}`, () => {
          const state = { ...resize(INITIAL, { ...EXAMPLES[name], ...changes }), pass };
          const computed = compute(cg, state);
          assert.ok(!computed.check.wrong.includes(true));
          for (const step of pass === "forward" ? [0] : [0, 1, 3]) {
            assertSums(figure(state, computed, step));
          }
        });
      }
    }
  }

  test("= for += is found out", () => {
    const state = { ...INITIAL, broken: true };
    const { wrong } = compute(cg, state).check;
    assert.deepEqual(wrong.map(Number), [0, 0, 0, 0, 1, 1, 0, 1, 0]);
    for (const step of [0, 1, 3]) assertSums(draw(state, step));
  });
});

describe("pooling", async () => {
  const { INITIAL, adapt, boundsOf, compute } = await lesson("pooling/model.ts");
  const { figure } = await lesson("pooling/figure.ts");
  const draw = (state) => figure(state, compute(cg, state));
  const wrongIn = (state) => compute(cg, state).check.wrong.filter(Boolean).length;

  test("the chapter's rules: the maximum gets the residual, the mean shares it", () => {
    assert.deepEqual(numbersOf(draw(INITIAL), "y"), [3, 4, 3, 3]);
    assert.deepEqual(
      numbersOf(draw(INITIAL), "dx"),
      [0, 1, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 4],
    );
    assert.equal(sentenceOf(draw(INITIAL), "y", 0), "w[0,0] = max(1, 3, 2, 1) = 3");
    const mean = draw({ ...INITIAL, kind: "mean" });
    assert.equal(sentenceOf(mean, "y", 0), "w[0,0] = (1 + 3 + 2 + 1) ÷ 4 = 1.75");
    assert.equal(sentenceOf(mean, "dx", 2), "δ_x[0,2] = 2 ÷ 4 = 0.5");
  });

  test("overlapping windows add, and = for += is found out", () => {
    const overlapping = adapt(INITIAL, { stride: 1 });
    assert.equal(sentenceOf(draw(overlapping), "dx", 6), "δ_x[1,2] = 2 + 3 + 5 + 6 = 16");
    assert.equal(wrongIn(overlapping), 0);
    for (const kind of ["max", "mean"]) {
      const broken = { ...overlapping, kind, broken: "assign" };
      assert.ok(wrongIn(broken) > 0);
      assertSums(draw(broken));
    }
  });

  test("0 for −∞ is wrong where all is negative", () => {
    const negative = adapt(INITIAL, { x: INITIAL.x.map((value) => value - 5), padding: 1 });
    assert.equal(wrongIn(negative), 0);
    const broken = adapt(negative, { broken: "zeroPadding" });
    assert.equal(numbersOf(draw(broken), "y")[0], 0);
    assert.ok(wrongIn(broken) > 0);
    assertSums(draw(broken));
    assert.equal(adapt(broken, { padding: 0 }).broken, "no");
  });

  test("ties go to the first, and the check leaves them out", () => {
    const tied = { ...INITIAL, x: Array(16).fill(2) };
    const computed = compute(cg, tied);
    assert.deepEqual(computed.dx, [1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0]);
    assert.equal(computed.ties, 16);
    assert.equal(wrongIn(tied), 0);
  });

  test("every sum of every legal setting", () => {
    for (const kind of ["max", "mean"]) {
      for (const size of [2, 3]) {
        for (const stride of [1, 2, 3]) {
          const { max } = boundsOf({ ...INITIAL, kind, size }).padding;
          for (let padding = 0; padding <= max; ++padding) {
            const state = adapt(INITIAL, { kind, size, stride, padding });
            assert.equal(wrongIn(state), 0, JSON.stringify(state));
            assertSums(draw(state));
          }
        }
      }
    }
  });

  test("a picture moved to the side changes less after pooling", async () => {
    const picture = await lesson("pooling/picture.ts");
    const pixels = Float32Array.from({ length: 64 }, (_, at) => (at % 8 === 2 ? 1 : 0));
    const found = picture.compute(cg, { pixels, side: 8, kind: "max", size: 4, shift: 1 });
    assert.equal(found.pooledSide, 2);
    assert.deepEqual([...found.pooled], [1, 0, 1, 0]);
    assert.deepEqual([found.changedBefore, found.changedAfter], [0.25, 0]);
  });
});

describe("learn a kernel", async () => {
  const { INITIAL, KERNELS, compute } = await lesson("learn/model.ts");
  const { figure } = await lesson("learn/figure.ts");
  const { fill, uniform } = await pageModule("random.ts");
  const x = fill(20 * 20, uniform(1)).map((value) => value - 0.5);
  const task = { ...INITIAL, x, side: 20 };

  for (const kernel of Object.keys(KERNELS)) {
    test(`finds ${kernel}`, () => {
      const settings = { ...task, kernel: KERNELS[kernel], rate: 8, steps: 300 };
      const { path, diverged } = compute(cg, settings);
      assert.equal(diverged, false);
      assert.equal(path.length, 301);
      const [first, last] = [path[0].loss, path.at(-1).loss];
      assert.ok(last < 1e-6 * first || last < 1e-9, String(last));
      for (const [i, value] of path.at(-1).w.entries()) {
        assert.ok(Math.abs(value - KERNELS[kernel][i]) < 1e-2, `${path.at(-1).w}`);
      }
    });
  }

  test("one step after the other is the same as many at once", () => {
    let { w } = task;
    for (let step = 0; step < 5; ++step) w = compute(cg, { ...task, w, steps: 1 }).path[1].w;
    const together = compute(cg, { ...task, steps: 5 });
    assert.deepEqual(w, together.path[5].w);
    assert.deepEqual(compute(cg, { ...task, w, steps: 0 }).path, [together.path[5]]);
  });

  test("says when it diverges, and stops", () => {
    const { diverged, path } = compute(cg, { ...task, rate: 1000, steps: 300 });
    assert.equal(diverged, true);
    assert.ok(path.length < 300);
  });

  test("every sum of a step, from the picture to the next weights", () => {
    const settings = { ...task, w: KERNELS.sobel, steps: 2 };
    const drawn = figure(settings, compute(cg, settings));
    assertSums(drawn);
    assert.match(
      write(drawn, { grid: "next", at: 4 }, String).letters,
      /^W\[1,1\] − η\[0\]·dW\[1,1\]$/,
    );
    assert.match(
      write(drawn, { grid: "delta", at: 0 }, String).letters,
      /^\(z\[0,0\] − t\[0,0\]\) ÷ 324$/,
    );
    const long = write(drawn, { grid: "dW", at: 0 }, String, 12);
    assert.match(long.letters, /^x\[0,0\]·δ_in\[0,0\] \+ .* \+ … \+ x\[17,17\]·δ_in\[17,17\]$/);
    assert.equal(long.letters.split(" + ").length, 13);
  });

  test("the check finds dW without ÷ m at once, and dW that is never cleared after a step", () => {
    const wrongIn = ({ check }) => check.wrong.filter(Boolean).length;
    for (const rate of [0.1, 8]) {
      const right = compute(cg, { ...task, rate, steps: 40 });
      assert.equal(wrongIn(right), 0, JSON.stringify(right.check));
    }
    const undivided = { ...task, broken: "mean", w: KERNELS.sobel, steps: 0 };
    assert.equal(wrongIn(compute(cg, undivided)), 9);
    assertSums(figure(undivided, compute(cg, undivided)));
    const added = { ...task, broken: "add", rate: 1, steps: 0 };
    assert.equal(wrongIn(compute(cg, added)), 0);
    const later = { ...added, steps: 3 };
    const computed = compute(cg, later);
    assert.ok(wrongIn(computed) > 0);
    const drawn = figure(later, computed);
    assertSums(drawn);
    assert.match(write(drawn, { grid: "dW", at: 0 }, String, 3).letters, /^dW_old\[0,0\] \+ x/);
    // Continued from the third step, what was added up is not lost.
    const { w, before } = computed.path[3];
    assert.deepEqual(compute(cg, { ...added, w, before }).dw, computed.dw);
  });

  test("where it has diverged, the check still holds what it can", () => {
    const { check, diverged } = compute(cg, { ...task, rate: 1000, steps: 300 });
    assert.equal(diverged, true);
    assert.deepEqual(check.wrong.filter(Boolean), []);
  });
});
