// The chapter's worked examples, as the page computes them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "convgrad";
import { pageModule } from "./modules.mjs";

const { workAll } = await pageModule("sections/examples/model/index.ts");
const examples = workAll(await load());
const example = (id) => examples.find((each) => each.id === id);
const part = (id, note) => example(id).parts.find((each) => each.note === note);

for (const { id, parts } of examples) {
  test(`${id}: everything agrees`, () => {
    const checked = parts.filter(({ agrees }) => agrees !== undefined);
    assert.ok(checked.length > 0);
    assert.deepEqual(
      checked.filter(({ agrees }) => !agrees),
      [],
    );
  });
}

test("formulas (1)-(7) hold the terms that follow from sliding the kernel", () => {
  const formulas = example("formulas").parts.filter(({ kind }) => kind === "formula");
  assert.equal(formulas.length, 13);
  const termsOf = (name) => formulas.find((each) => each.name === name).terms;
  const expected = new Map();
  for (const [i, j] of [0, 1, 2, 3].map((at) => [at >> 1, at & 1])) {
    const z = `z${i + 1}${j + 1}`;
    expected.set(z, []);
    for (const [r, s] of [0, 1, 2, 3].map((at) => [at >> 1, at & 1])) {
      const [w, a] = [`w${r + 1}${s + 1}`, `a${i + r + 1}${j + s + 1}`];
      expected.get(z).push(`${w}·${a}`);
      expected.set(`δ${a}`, [...(expected.get(`δ${a}`) ?? []), `δ${z}·${w}`]);
    }
  }
  for (const [name, terms] of expected) {
    const written = termsOf(name).map(({ names }) => names.join("·"));
    assert.deepEqual(written.sort(), terms.sort(), name);
  }
});

test("the single-sample example has the printed numbers", () => {
  assert.deepEqual(part("single", "dB").data, [6]);
  assert.deepEqual(part("single", "dW").data, [19, 25, 37, 43]);
  assert.deepEqual(part("single", "deltaOut").data, [0, 0, 1, 0, 4, 6, 4, 12, 9]);
});

test("an example that differs says so", async () => {
  const { shown, tensor } = await pageModule("sections/examples/model/worked.ts");
  const given = { note: "dW", word: "dW" };
  assert.equal(shown(given, tensor([2], [1, 2]), [1, 2]).agrees, true);
  assert.equal(shown(given, tensor([2], [1, 2]), [1, 3]).agrees, false);
  assert.equal(shown(given, tensor([2], [1, 2]), [1, 2, 3]).agrees, false);
});
