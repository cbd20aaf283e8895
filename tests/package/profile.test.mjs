// cg.profile: what it gives, that it nests, and that it is off outside.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generator, load, reals } from "./support/data.mjs";

const names = ["pad", "lower", "pack", "multiply", "reduce", "scatter", "transform", "other"];
const next = generator(7);
const [x, w] = [reals([16, 8, 32, 32], next), reals([16, 8, 3, 3], next)];
const sum = (phases) => phases.reduce((total, { ms }) => total + ms, 0);

for (const threads of [1, 2]) {
  describe(`profile, ${threads} threads`, async () => {
    const cg = await load({ threads });

    test("gives the result and the phases, in order, which make up the time", () => {
      const start = performance.now();
      const { result, phases } = cg.profile(() => {
        cg.im2col(x, { kernel: 3 });
        return cg.conv2d(x, w);
      });
      const whole = performance.now() - start;
      assert.deepEqual([...result.shape], [16, 16, 30, 30]);
      assert.ok(phases.some(({ name }) => name === "lower"));
      const places = phases.map(({ name }) => names.indexOf(name));
      assert.deepEqual(places, [...new Set(places)].sort());
      for (const { name, ms } of phases) assert.ok(names.includes(name) && ms > 0, name);
      assert.ok(sum(phases) <= whole, `${sum(phases)} of ${whole} ms`);
    });

    test("measures nothing outside, and all of it when it nests", () => {
      assert.deepEqual(
        cg.profile(() => 1),
        { result: 1, phases: [] },
      );
      const outer = cg.profile(() => {
        cg.conv2d(x, w);
        return cg.profile(() => cg.conv2d(x, w));
      });
      const inner = outer.result;
      assert.ok(sum(inner.phases) > 0 && sum(outer.phases) > sum(inner.phases));
      cg.conv2d(x, w);
      assert.deepEqual(cg.profile(() => 1).phases, []);
    });

    test("ends with what it throws", () => {
      const wrong = new Error("of the caller's own");
      const thrower = () => {
        throw wrong;
      };
      assert.throws(() => cg.profile(thrower), wrong);
      assert.deepEqual(cg.profile(() => 1).phases, []);
    });

    test("refuses what is no function, and what waits", () => {
      const code = "bad-argument";
      assert.throws(() => cg.profile(7), { code, message: /^profile: run is 7; expected a func/ });
      assert.throws(() => cg.profile(async () => 1), { code, message: /result is a promise/ });
      const disposing = () => spare.dispose();
      let spare;
      return load({ threads: 1 }).then((instance) => {
        spare = instance;
        assert.throws(() => spare.profile(disposing), { code: "disposed" });
      });
    });
  });
}
