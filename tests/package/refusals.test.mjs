// What the package refuses: by which code, with which words, and that nothing is left behind.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConvGradError } from "./support/data.mjs";
import { refusedArguments } from "./support/refused-arguments.mjs";
import { refusedOptions } from "./support/refused-options.mjs";
import {
  at,
  buffer,
  cg,
  foreign,
  good,
  pooled,
  resident,
  w,
  where,
  x,
  y,
} from "./support/scene.mjs";

// Each is a good call with one thing changed; the good call is tried again after it.
const refusals = [...refusedArguments, ...refusedOptions];

describe("refused", () => {
  const scenery = [x, w, y, pooled, where, resident, foreign, { data: buffer }];
  const before = scenery.map(({ data }) => data.slice());
  for (const run of Object.values(good)) run();
  const expected = Object.fromEntries(Object.entries(good).map(([op, run]) => [op, run()]));

  for (const [op, run, code, words] of refusals) {
    test(`${op}: ${code}: ${words.source}`, () => {
      cg.releaseMemory();
      const { live, tensors } = cg.memory();
      assert.throws(run, (error) => {
        assert.ok(error instanceof ConvGradError && error instanceof Error);
        assert.equal(error.name, "ConvGradError");
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        return true;
      });
      scenery.forEach(({ data }, i) => {
        assert.deepEqual(data, before[i], "nothing is written");
      });
      assert.equal(cg.memory().tensors, tensors, "no tensor is left");
      // Staging may have grown for a refusal that only the module can utter: it is kept, not lost.
      cg.releaseMemory();
      assert.equal(cg.memory().live, live, "nothing leaks");
      assert.deepEqual(good[op](), expected[op], "the next call is right");
    });
  }

  test("every operation has been refused, and every code but those of load and memory seen", () => {
    const ops = new Set(refusals.map(([op]) => op));
    assert.deepEqual([...ops].sort(), Object.keys(good).sort());
    const codes = new Set(refusals.map(([, , code]) => code));
    const seen = ["bad-argument", "disposed", "empty-output", "shape-mismatch", "too-large"];
    assert.deepEqual([...codes].sort(), seen);
  });

  test("an error is made with its code and can have a cause", () => {
    const cause = new Error("why");
    const error = new ConvGradError("too-large", "words", { cause });
    assert.deepEqual([error.code, error.message, error.cause], ["too-large", "words", cause]);
  });
});

test("arrays side by side in one buffer do not overlap", () => {
  const [a, b] = [at([1, 1, 10, 10], 0), at([1, 1, 10, 10], 100)];
  assert.equal(cg.avgPool2d(a, { kernel: 1, out: b }), b);
});
