// The laboratory's model: what is legal, what follows from it, and whether its comparisons can fail.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "convgrad";
import { pageModule } from "./modules.mjs";

const lab = (file) => pageModule(`sections/lab/${file}.ts`);
const { applies, defaults, PATHS } = await lab("settings");
const { presets, presetOf, published } = await lab("presets");
const { boundsOf, problemsOf, legalGroups } = await lab("rules");
const { geometryOf, operationsOf } = await lab("geometry");
const { adapt, fit } = await lab("adapt");
const { compare, heatMapOf, ulpsBetween, unravel } = await lab("agreement");
const { runExperiment } = await lab("run");
const { makeYardstick, judge, yardstickFor } = await lab("verify");
const { makeWorkload } = await lab("workload");
const { makeRunner } = await lab("runners");
const { adjointChecks, numericalChecks } = await lab("checks");

const cg = await load();

/** Where runs happen: in this process, with a clock that makes all work seem quick. */
function makeHost() {
  let now = 0;
  return {
    open: async (build) => ({
      cg: await load(build === "threads" ? { threads: 2 } : { threads: 1 }),
      ms: 1,
    }),
    step: 0.001,
    clock: { now: () => (now += 30), pause: async () => false, wasHidden: () => false },
  };
}

/** Runs settings to the end and gathers what is reported. */
async function runToEnd(settings, pixels) {
  const found = {};
  const end = await runExperiment(makeHost(), settings, pixels, (report) => {
    Object.assign(found, report.found);
  });
  return { ...found, end };
}

describe("presets", () => {
  test("all of them can run", () => {
    for (const { id, settings } of presets) assert.deepEqual(problemsOf(settings), [], id);
  });

  test("the chapter's two are configured as the chapter has them", () => {
    const [conv, pool] = presets;
    const shape = { n: 64, c: 3, h: 28, w: 28, distribution: "normal", direction: "both" };
    for (const preset of [conv, pool]) {
      for (const [name, value] of Object.entries(shape)) {
        assert.equal(preset.settings[name], value, `${preset.id} ${name}`);
      }
    }
    assert.deepEqual([published.chapterConv.loops, published.chapterPool.loops], [100, 5000]);
    assert.deepEqual(geometryOf(conv.settings).w, [4, 3, 3, 3]);
    assert.deepEqual(geometryOf(conv.settings).y, [64, 4, 28, 28]);
    assert.equal(conv.settings.delta, "ones");
    assert.deepEqual(geometryOf(pool.settings).y, [64, 3, 14, 14]);
    assert.equal(pool.settings.delta, "uniform");
  });

  test("are known by their work, not by how often it is done", () => {
    const [{ id, settings }] = presets;
    assert.equal(presetOf({ ...settings, rounds: 70, paths: ["direct"] }), id);
    assert.equal(presetOf({ ...settings, n: 63 }), undefined);
  });

  for (const { id, settings } of presets) {
    test(`${id}: every path agrees with the reference, and times are taken`, async () => {
      const pixels =
        settings.source === "random"
          ? undefined
          : Float32Array.from(
              { length: geometryOf(settings).x.reduce((a, b) => a * b) },
              (_, i) => (i % 256) / 255,
            );
      const paths = PATHS.filter((path) => path !== "reference" && applies(path, settings));
      const found = await runToEnd({ ...settings, paths, extras: ["threads"] }, pixels);
      const { agreement, adjoint, numerical, timing } = found;
      const lines = [...paths, "direct@threads", "im2col@threads"];
      const tensors = { conv2d: 4, maxPool2d: 3, avgPool2d: 2 }[settings.operation];
      const convolves = settings.operation === "conv2d";
      assert.equal(agreement.length, lines.length * tensors);
      assert.equal(adjoint.length, lines.length * (convolves ? 2 : 1));
      assert.ok(numerical.length >= (convolves ? 9 : 1));
      const all = [...agreement, ...adjoint, ...numerical.flatMap((each) => each.found)];
      assert.deepEqual(
        all.filter(({ pass }) => !pass),
        [],
      );
      assert.deepEqual([...new Set(found.checks.map(({ pass }) => pass))], [true]);
      assert.ok(["narrow", "limit", "rounds"].includes(found.end));
      assert.deepEqual(
        timing.series.map(({ line, pass }) => `${line.id} ${pass}`),
        lines.flatMap((line) => [`${line} forward`, `${line} backward`]),
      );
      for (const { samples } of timing.series) {
        assert.ok(samples.length >= 30 && samples.length === timing.rounds);
        assert.ok(samples.every((milliseconds) => milliseconds > 0));
      }
      assert.deepEqual(
        found.loads.map(({ build, threads }) => [build, threads]),
        [
          ["main", 1],
          ["threads", 2],
        ],
      );
      assert.equal(found.firstCalls.length, 2 * lines.length);
      // Plain loops have no phases.
      assert.equal(found.phases.length, 2 * (lines.length - 1));
      for (const { phases, scratch } of found.phases) {
        assert.ok(phases.length > 0 && scratch >= 0);
      }
    });
  }
});

describe("rules", () => {
  const reasons = (changes) =>
    problemsOf({ ...defaults, ...changes }).map(({ field, reason }) => `${field} ${reason}`);

  test("name the field and the reason", () => {
    assert.deepEqual(reasons({ n: 0 }), ["n range"]);
    assert.deepEqual(reasons({ n: Number.NaN }), ["n range"]);
    assert.deepEqual(reasons({ n: 1.5 }), ["n range"]);
    assert.deepEqual(reasons({ kernel: [29, 3] }), ["kernel0 window"]);
    assert.deepEqual(reasons({ dilation: [1, 14] }), ["kernel1 window"]);
    assert.deepEqual(reasons({ groups: 2 }), ["groups groups"]);
    assert.deepEqual(reasons({ filters: "edges", kernel: [5, 5] }), ["filters edges"]);
    assert.deepEqual(reasons({ paths: [] }), ["paths noPath"]);
    assert.deepEqual(reasons({ source: "digits", firstDigit: 500 }), ["n digits"]);
    assert.deepEqual(reasons({ n: 512, c: 512, h: 512, w: 512 }), ["size memory", "size work"]);
    const pool = { operation: "maxPool2d", kernel: [2, 2], padding: [0, 2] };
    assert.deepEqual(reasons(pool), ["padding1 poolPadding"]);
    assert.deepEqual(reasons({ padding: [9, 9] }), []);
  });

  test("Winograd is for 3×3 that go on one by one, and pooling drops it", () => {
    for (const paths of [["winograd"], ["direct", "winograd4"]]) {
      assert.deepEqual(reasons({ paths, padding: [1, 2] }), []);
      for (const other of [{ kernel: [3, 5] }, { stride: [1, 2] }, { dilation: [2, 1] }]) {
        assert.deepEqual(reasons({ paths, ...other }), ["paths winograd"]);
      }
    }
    const before = { ...defaults, paths: ["direct", "winograd", "winograd4"] };
    assert.deepEqual(adapt(before, { operation: "avgPool2d" }).paths, ["direct"]);
  });

  // The bounds are what the fields offer: each end of a range must be legal, the next value not.
  for (const operation of ["conv2d", "maxPool2d"]) {
    test(`bounds of the ${operation} window are tight`, () => {
      const settings = { ...defaults, operation, h: 9, w: 7, kernel: [3, 3], padding: [1, 1] };
      const bounds = boundsOf(settings);
      for (const name of ["kernel", "padding", "dilation"]) {
        for (const axis of [0, 1]) {
          const { min, max } = bounds[`${name}${axis}`];
          const legal = (value) =>
            problemsOf({ ...settings, [name]: settings[name].with(axis, value) }).length === 0;
          assert.ok(legal(min) && legal(max), `${name}${axis} ${min} ${max}`);
          assert.ok(!legal(min - 1) && !legal(max + 1), `${name}${axis} ${min} ${max}`);
        }
      }
      for (const name of ["h", "w"]) {
        const { min } = bounds[name];
        assert.equal(problemsOf({ ...settings, [name]: min }).length, 0);
        assert.notEqual(problemsOf({ ...settings, [name]: min - 1 }).length, 0);
      }
    });
  }

  test("groups are the common divisors", () => {
    assert.deepEqual(legalGroups({ ...defaults, c: 12, k: 18 }), [1, 2, 3, 6]);
  });

  test("a change takes what depends on it along", () => {
    const grouped = { ...defaults, c: 12, k: 12, groups: 12 };
    assert.equal(adapt(grouped, { k: 8 }).groups, 4);
    const digits = adapt({ ...defaults, n: 512 }, { source: "digits" });
    assert.deepEqual([digits.n, digits.c, digits.h, digits.w], [512, 1, 28, 28]);
    const pooled = adapt({ ...defaults, padding: [9, 9] }, { operation: "maxPool2d" });
    assert.deepEqual(pooled.padding, [2, 2]);
    assert.deepEqual(fit(400, 100, 64), { h: 16, w: 64 });
  });

  test("extents are the package's", () => {
    for (const { settings } of presets) {
      const { x, w, y, col } = geometryOf(settings);
      const zeros = (shape) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
      const { kernel, stride, padding, dilation, groups } = settings;
      const window = { stride, padding, dilation };
      assert.deepEqual(cg.im2col(zeros(x), { kernel, ...window }).shape, [...col]);
      const given = w
        ? cg.conv2d(zeros(x), zeros(w), { ...window, groups })
        : cg.avgPool2d(zeros(x), { kernel, ...window });
      assert.deepEqual(given.shape, y);
    }
  });

  test("ceilMode rounds as the package does", () => {
    for (let h = 3; h < 12; ++h) {
      for (const [kernel, stride, padding] of [
        [2, 2, 0],
        [3, 2, 1],
        [3, 3, 1],
        [2, 5, 1],
      ]) {
        const settings = {
          ...defaults,
          operation: "maxPool2d",
          n: 1,
          c: 1,
          h,
          w: 7,
          kernel: [kernel, kernel],
          stride: [stride, stride],
          padding: [padding, padding],
          ceilMode: true,
        };
        const x = { shape: [1, 1, h, 7], data: new Float32Array(7 * h) };
        const { y } = cg.maxPool2d(x, { kernel, stride, padding, ceilMode: true });
        assert.deepEqual(geometryOf(settings).y, y.shape);
      }
    }
  });

  test("operations are counted as 2·N·K·OH·OW·C/groups·R·S", () => {
    const [{ settings }] = presets;
    assert.equal(operationsOf(settings, "forward"), 2 * 64 * 4 * 28 * 28 * 3 * 3 * 3);
    assert.equal(operationsOf(settings, "backward"), 2 * operationsOf(settings, "forward"));
  });
});

describe("comparison", () => {
  const terms = { kind: "terms", factor: 4, terms: [1, 1, 1] };
  const unit = 2 ** -23;

  test("passes at the tolerance and fails beyond it", () => {
    assert.equal(compare([1, 2, 3 + 4 * unit], [1, 2, 3], terms).pass, true);
    const beyond = compare([1, 2 + 5 * unit, 3], [1, 2, 3], terms);
    assert.deepEqual([beyond.pass, beyond.failures, beyond.absoluteAt], [false, 1, 1]);
    assert.equal(beyond.units, 5);
  });

  test("fails on NaN, infinity, missing elements, and any error where there are no terms", () => {
    assert.equal(compare([Number.NaN, 0, 0], [0, 0, 0], terms).pass, false);
    assert.equal(compare([Number.POSITIVE_INFINITY, 0, 0], [0, 0, 0], terms).pass, false);
    assert.equal(compare([0, 0], [0, 0, 0], terms).pass, false);
    assert.equal(compare([1e-30, 0, 0], [0, 0, 0], { ...terms, terms: [0, 0, 0] }).pass, false);
    assert.equal(compare([1], [1 + unit], { kind: "exact" }).pass, false);
    assert.equal(compare([Number.NaN], [Number.NaN], { kind: "exact" }).pass, true);
  });

  test("counts the float32 values between two", () => {
    const next = Math.fround(1 + unit);
    assert.equal(ulpsBetween(1, 1), 0);
    assert.equal(ulpsBetween(1, next), 1);
    assert.equal(ulpsBetween(-1, -next), 1);
    // From one side of zero to the other.
    assert.equal(ulpsBetween(-(2 ** -149), 2 ** -149), 2);
    const found = compare([1, 2, 4 + 4 * unit], [1, 2, 4], terms);
    assert.deepEqual([found.ulp, found.ulpAt], [1, 2]);
  });

  test("a heat map has the largest share of the tolerance at each position", () => {
    const expected = new Float32Array(12).fill(1);
    const actual = expected.slice();
    actual[1] += 2 * unit;
    actual[4 + 1] += unit;
    actual[8 + 3] += 8 * unit;
    const tolerance = { kind: "terms", factor: 4, terms: new Float32Array(12).fill(1) };
    const { height, width, data } = heatMapOf(actual, expected, [1, 3, 2, 2], tolerance);
    assert.deepEqual([height, width, [...data]], [2, 2, [0, 0.5, 0, 2]]);
    assert.deepEqual(heatMapOf([1, 2], [1, 3], [2], { kind: "exact" }).data[1], Infinity);
  });

  test("a wrong result does not pass the page's check", () => {
    const work = makeWorkload({ ...defaults, n: 2, reduction: "mean" });
    const yardstick = makeYardstick(cg, work, ["forward", "backward"]);
    const runner = makeRunner("plain", cg, work);
    runner.forward();
    runner.backward();
    const line = { id: "plain", path: "plain", build: "main" };
    const results = runner.results(["forward", "backward"]);
    const failures = () => ({
      reference: judge(line, results, yardstick).filter(({ pass }) => !pass),
      adjoint: adjointChecks(line, work, results, yardstick).filter(({ pass }) => !pass),
    });
    assert.deepEqual(failures(), { reference: [], adjoint: [] });
    results.dw.data[5] += 0.1;
    const wrong = failures();
    assert.deepEqual(
      wrong.reference.map(({ tensor, absoluteAt }) => [tensor, absoluteAt]),
      [["dw", 5]],
    );
    assert.deepEqual(
      wrong.adjoint.map(({ gradient }) => gradient),
      ["dw"],
    );
    // Without ÷ batch every element of dw and db is wrong, and differences tell.
    results.dw.data.forEach((value, i, all) => {
      all[i] = 2 * value;
    });
    const checks = numericalChecks(cg, work, new Map([[line, results]]), () => yardstick);
    const failed = checks.filter(({ found }) => !found[0].pass);
    assert.deepEqual([...new Set(failed.map(({ tensor }) => tensor))], ["dw"]);
  });

  test("an element of Winograd's has the largest tolerance of its tile, dw its own", () => {
    const work = makeWorkload({ ...defaults, n: 1, c: 1, k: 1, h: 7, w: 5 });
    const yardstick = makeYardstick(cg, work, ["forward", "backward"]);
    const { y, dw } = yardstick.tolerances;
    assert.equal(yardstickFor("im2col", yardstick), yardstick);
    for (const [path, tile, factor] of [
      ["winograd", 2, 8],
      ["winograd4", 4, 32],
    ]) {
      const own = yardstickFor(path, yardstick).tolerances;
      assert.equal(own.dw, dw);
      assert.equal(own.y.factor, factor);
      // y is 5×3: its last tiles are cut off.
      const inTile = (at) =>
        [...y.terms].filter((_, other) =>
          [at, other]
            .map((i) => [Math.floor(i / 3 / tile), Math.floor((i % 3) / tile)].join())
            .every((place, _, [first]) => place === first),
        );
      assert.deepEqual(
        [...own.y.terms],
        Array.from(y.terms, (_, at) => Math.max(...inTile(at))),
      );
    }
  });

  test("differences leave out maxima that tie", () => {
    const pool = { ...defaults, operation: "maxPool2d", n: 1, kernel: [2, 2], stride: [2, 2] };
    const check = (pixels) => {
      const work = makeWorkload({ ...pool, h: 8, w: 8 }, pixels);
      const runner = makeRunner("direct", cg, work);
      runner.forward();
      runner.backward();
      const results = runner.results(["forward", "backward"]);
      runner.dispose();
      const yardstick = makeYardstick(cg, work, ["backward"]);
      return numericalChecks(cg, work, new Map([["direct", results]]), () => yardstick);
    };
    assert.deepEqual(check(new Float32Array(192)), []);
    const distinct = check(Float32Array.from({ length: 192 }, (_, i) => (i * 37) % 192));
    assert.deepEqual(
      distinct.map(({ found }) => found[0].pass),
      [true, true, true, true],
    );
  });

  test("positions are counted outermost first", () => {
    assert.deepEqual(unravel(23, [2, 3, 4]), [1, 2, 3]);
  });
});
