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
      const { kind, terms, divisor = 1 } = sumOf(figure, { grid: grid.id, at });
      const products = terms.map((term) =>
        term.reduce((product, cell) => product * numberIn(figure, cell), 1),
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
