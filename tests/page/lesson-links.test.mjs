// The lesson in links: what a section shows comes back, and nothing that a link says does harm.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "convgrad";
import { pageModule } from "./modules.mjs";

const cg = await load();
const lesson = (file) => pageModule(`sections/lesson/${file}`);
const { boundsOf, edit, resize, shapesOf } = await lesson("convolution.ts");

describe("links", async () => {
  const ids = ["forward", "dx", "dw", "img2col", "pooling", "learn"];
  const sections = await Promise.all(
    ids.map(async (id) => {
      const { INITIAL, codec } = await lesson(`${id}/model.ts`);
      return { id, codec, start: INITIAL };
    }),
  );
  const { readShown, writeShown } = await lesson("address.ts");
  const home = "http://host/page/?lang=en&k=4#lab";
  const byId = Object.fromEntries(sections.map((section) => [section.id, section]));
  const restored = (id, shown) => {
    const address = writeShown(byId[id], shown, home);
    assert.equal(address.searchParams.get("lang"), "en");
    assert.equal(address.searchParams.get("k"), "4");
    return readShown(byId[id], address.search);
  };

  test("what a section shows first needs no parameters", () => {
    for (const section of sections) {
      const shown = { state: section.start, step: 0 };
      assert.equal(writeShown(section, shown, home).href, home);
      assert.deepEqual(restored(section.id, shown).state, section.start);
    }
  });

  test("what is set, edited, broken, pinned and stepped to comes back", () => {
    const convolved = (id, extents, extras) => {
      const state = { ...resize(byId[id].start, extents), ...extras };
      return edit(edit(state, "x", 3, -1.5), "w", 0, 1e-3);
    };
    const uneven = { h: 6, w: 5, r: 3, s: 1, stride: 2, padding: 1, dilation: 2, c: 3, k: 2 };
    const INITIAL = byId.pooling.start;
    for (const [id, state] of [
      ["forward", convolved("forward", uneven)],
      ["dx", convolved("dx", uneven, { method: "scatter", broken: true })],
      ["dw", convolved("dw", { ...uneven, n: 2, h: 1, r: 1 }, { broken: true })],
      ["img2col", convolved("img2col", { ...uneven, n: 2, h: 5 }, { pass: "forward" })],
      ["pooling", { ...INITIAL, kind: "mean", x: INITIAL.x.with(5, -7.25), dy: [0, 0, 9, 1] }],
      [
        "learn",
        { kernel: [1, 2, 3, 4, 5, 6, 7, 8, 9], w: Array(9).fill(-0.5), rate: 4, broken: "add" },
      ],
    ]) {
      const shown = { state, step: 3, pin: { grid: "x", at: 2 } };
      assert.deepEqual(restored(id, shown), shown, id);
    }
  });

  test("every state that the sliders reach comes back", () => {
    let state = byId.dw.start;
    let seed = 7;
    const next = (count) => {
      seed = (seed * 48271) % 0x7fffffff;
      return seed % count;
    };
    for (let i = 0; i < 300; ++i) {
      const bounds = boundsOf(state.extents);
      const fields = Object.keys(bounds);
      const field = fields[next(fields.length)];
      state = resize(state, {
        [field]: bounds[field].min + next(bounds[field].max - bounds[field].min + 1),
      });
      assert.deepEqual(restored("dw", { state, step: 0 }).state.extents, state.extents);
    }
  });

  test("hostile links do no harm: what they give is legal", async () => {
    const { compute } = await lesson("forward/model.ts");
    const values = [
      ...["-1", "0", "1", "3", "7", "99999999", "1e9", "NaN", "Infinity", "", "2.5", " 2", "0x10"],
      ...["<script>alert(1)</script>", "__proto__", "constructor", "_".repeat(50), "1_2_3"],
      ...["9".repeat(100_000), "1_".repeat(9), "1e999_1_1_1", "x_999999", "x_1", "toString_0"],
    ];
    const names = [
      "h",
      "w",
      "r",
      "s",
      "stride",
      "padding",
      "dilation",
      "c",
      "k",
      "n",
      "x",
      "dy",
      "b",
    ];
    const others = [
      "step",
      "pin",
      "method",
      "broken",
      "pass",
      "kind",
      "size",
      "kernel",
      "rate",
      "__proto__",
    ];
    let seed = 3;
    const any = (list) => {
      seed = (seed * 48271) % 0x7fffffff;
      return list[seed % list.length];
    };
    for (let i = 0; i < 400; ++i) {
      const { id, codec } = any(sections);
      const search = new URLSearchParams();
      for (let p = 0; p < 6; ++p) search.append(`${id}.${any([...names, ...others])}`, any(values));
      const { state, step } = readShown({ id, codec }, `?${search}`);
      assert.ok(Number.isInteger(step) && step >= 0);
      const message = `${id} ${search}`.slice(0, 300);
      if ("extents" in state) {
        const bounds = boundsOf(state.extents);
        for (const [field, { min, max }] of Object.entries(bounds)) {
          assert.ok(state.extents[field] >= min && state.extents[field] <= max, message);
        }
        const shapes = shapesOf(state.extents);
        for (const [name, shape] of Object.entries(shapes)) {
          assert.equal(
            state.numbers[name].length,
            shape.reduce((a, b) => a * b, 1),
            message,
          );
          assert.ok(
            state.numbers[name].every((value) => Math.abs(value) <= 1e6),
            message,
          );
        }
        assert.equal(compute(cg, state).agree, true, message);
      }
      assert.equal(Object.getPrototypeOf(state), Object.prototype);
    }
    assert.equal({}.polluted, undefined);
  });
});
