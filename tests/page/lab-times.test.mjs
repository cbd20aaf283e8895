// The laboratory's times: how they are taken, what is said of them, and where methods cross.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "convgrad";
import { pageModule } from "./modules.mjs";

const lab = (file) => pageModule(`sections/lab/${file}.ts`);
const { defaults } = await lab("settings");
const { isNarrow, medianWithInterval, ratioOf, summarise, verdictOf } = await lab("statistics");
const { takeTimes } = await lab("timing");
const { crossingsOf, settingsAt, stepsOf, suggested, valuesOf } = await lab("sweep");
const { runSweep } = await lab("sweepRun");
const { problemsOf } = await lab("rules");
const { uniform, normal } = await pageModule("random.ts");

describe("statistics", () => {
  test("median, quartiles, 95th percentile", () => {
    const samples = Array.from({ length: 101 }, (_, i) => i).reverse();
    assert.deepEqual(summarise(samples), {
      count: 101,
      min: 0,
      q1: 25,
      median: 50,
      q3: 75,
      p95: 95,
    });
    assert.equal(summarise([]), undefined);
  });

  test("the interval of a median leaves out the tails of the binomial distribution", () => {
    const values = Array.from({ length: 30 }, (_, i) => i + 1);
    // As tables have it: ranks 10 and 21 of 30, for 95.7 %.
    assert.deepEqual(medianWithInterval(values), { value: 15.5, low: 10, high: 21 });
    assert.deepEqual(medianWithInterval([1, 2, 3, 4, 5, 6]), { value: 3.5, low: 1, high: 6 });
    assert.equal(medianWithInterval([1, 2, 3, 4, 5]), undefined);
    const many = Array.from({ length: 1000 }, (_, i) => i);
    const { low, high } = medianWithInterval(many);
    assert.ok(low > 460 && low < 475 && high > 525 && high < 540);
  });

  test("the interval holds the true median in at least 95 % of experiments", () => {
    const next = normal(7);
    let held = 0;
    for (let experiment = 0; experiment < 2000; ++experiment) {
      const { low, high } = medianWithInterval(Array.from({ length: 30 }, () => Math.exp(next())));
      if (low <= 1 && high >= 1) ++held;
    }
    assert.ok(held >= 0.94 * 2000, `${held}`);
  });

  test("ratios are of the same rounds", () => {
    // The machine slows down to a third; the ratio does not notice.
    const base = Array.from({ length: 30 }, (_, round) => (round < 15 ? 1 : 3));
    const twice = base.map((time) => 2 * time);
    assert.deepEqual(ratioOf(twice, base), { value: 2, low: 2, high: 2 });
  });

  test("verdicts: faster, slower, the same, cannot tell, too few", () => {
    const verdict = (low, high) => verdictOf({ value: (low + high) / 2, low, high });
    assert.equal(verdict(0.5, 0.6), "faster");
    assert.equal(verdict(1.1, 1.2), "slower");
    assert.equal(verdict(0.99, 1.01), "same");
    assert.equal(verdict(1.001, 1.01), "same");
    assert.equal(verdict(0.9, 1.2), "unsure");
    assert.equal(verdictOf(undefined), "few");
    // Two equal lines, noisily measured.
    const next = uniform(3);
    const noisy = () => Array.from({ length: 30 }, () => 1 + next());
    assert.equal(verdictOf(ratioOf(noisy(), noisy())), "unsure");
    assert.equal(isNarrow({ value: 2, low: 1.97, high: 2.03 }), true);
    assert.equal(isNarrow({ value: 2, low: 1.9, high: 2.03 }), false);
  });
});

/** A clock that only moves when a job runs: each call takes what it says. */
function simulated(costs, events = {}) {
  let now = 0;
  let pauses = 0;
  const order = [];
  const jobs = Object.entries(costs).map(([path, cost]) => ({
    line: { id: path, path, build: "main" },
    pass: "forward",
    call: () => {
      now += typeof cost === "function" ? cost() : cost;
      order.push(path);
    },
  }));
  const clock = {
    now: () => now,
    pause: async () => events.stopAfter !== undefined && ++pauses > events.stopAfter,
    wasHidden: () => events.hidden?.() ?? false,
  };
  return { jobs, order, clock };
}

describe("times", () => {
  const plan = { rounds: 30, limit: 1000, step: 0.005, seed: 1 };

  test("batches last 5 ms and 100 steps of the clock at least; rounds are 30 at least", async () => {
    const { jobs, clock } = simulated({ a: 0.125, b: 20 });
    let timing;
    assert.equal(await takeTimes(jobs, plan, clock, (latest) => (timing = latest)), "narrow");
    assert.deepEqual(
      timing.series.map(({ batch }) => batch),
      [48, 1],
    );
    assert.equal(timing.rounds, 30);
    for (const { samples } of timing.series) assert.equal(samples.length, 30);
    const coarse = simulated({ a: 0.125 });
    await takeTimes(coarse.jobs, { ...plan, step: 1 }, coarse.clock, (latest) => (timing = latest));
    assert.equal(timing.series[0].batch, 960);
  });

  test("a warm-up that was disturbed does not leave batches too short", async () => {
    // For its first 60 ms the job is a hundred times as slow.
    let calls = 0;
    const { jobs, clock, order } = simulated({ a: () => (++calls <= 6 ? 10 : 0.1) });
    let timing;
    await takeTimes(jobs, plan, clock, (latest) => (timing = latest));
    assert.ok(timing.series[0].batch >= 50, `${timing.series[0].batch}`);
    assert.ok(order.length >= 30 * 50);
  });

  test("each round runs every line once, in an order that the seed draws", async () => {
    const run = async (seed) => {
      const { jobs, order, clock } = simulated({ a: 10, b: 10, c: 10 });
      await takeTimes(jobs, { ...plan, seed }, clock, () => {});
      const rounds = order.slice(-90).join("").match(/.../g);
      for (const round of rounds) assert.equal([...round].sort().join(""), "abc");
      return rounds.join(" ");
    };
    const first = await run(1);
    assert.equal(await run(1), first);
    assert.notEqual(await run(2), first);
    assert.ok(new Set(first.split(" ")).size >= 5, first);
  });

  test("warms up before anything is kept", async () => {
    // The first calls are ten times as slow, as those of code not optimised yet.
    let calls = 0;
    const { jobs, clock } = simulated({ a: () => (++calls <= 5 ? 10 : 1) });
    let timing;
    await takeTimes(jobs, plan, clock, (latest) => (timing = latest));
    assert.deepEqual([...new Set(timing.series[0].samples)], [1]);
  });

  test("more rounds follow until the interval is narrow, or time is up", async () => {
    const next = uniform(5);
    const noise = (size) => () => 5 * (1 + size * (next() - 0.5));
    let timing;
    const quiet = simulated({ a: noise(0.2), b: noise(0.2) });
    const long = { ...plan, limit: 1e9 };
    const end = await takeTimes(quiet.jobs, long, quiet.clock, (latest) => (timing = latest));
    assert.equal(end, "narrow");
    assert.ok(timing.rounds > 30 && timing.rounds < 1000, `${timing.rounds}`);
    const loud = simulated({ a: noise(1.9), b: noise(1.9) });
    assert.equal(
      await takeTimes(
        loud.jobs,
        { ...plan, limit: 2e4 },
        loud.clock,
        (latest) => (timing = latest),
      ),
      "limit",
    );
    assert.ok(timing.rounds > 30);
    const endless = simulated({ a: noise(1.9), b: noise(1.9) });
    assert.equal(await takeTimes(endless.jobs, long, endless.clock, () => {}), "rounds");
  });

  test("rounds during which the page was hidden are dropped and run again", async () => {
    let asked = 0;
    // Asked once before the rounds, then after each.
    const hidden = () => ++asked >= 3 && asked < 6;
    const { jobs, clock } = simulated({ a: 10, b: 10 }, { hidden });
    let timing;
    await takeTimes(jobs, plan, clock, (latest) => (timing = latest));
    assert.deepEqual([timing.rounds, timing.dropped], [30, 3]);
    for (const { samples } of timing.series) assert.equal(samples.length, 30);
  });

  test("stop when asked, and keep the rounds there are", async () => {
    let timing;
    const { jobs, clock } = simulated({ a: 10, b: 10 }, { stopAfter: 12 });
    assert.equal(await takeTimes(jobs, plan, clock, (latest) => (timing = latest)), "cancelled");
    // Two pauses in the warm-up, three in each round.
    assert.deepEqual(
      timing.series.map(({ samples }) => samples),
      [
        [10, 10, 10],
        [10, 10, 10],
      ],
    );
  });
});

describe("sweep", () => {
  test("values are whole, in order, each once; windows by steps, all else by factors", () => {
    assert.deepEqual(
      valuesOf({ parameter: "c", from: 1, to: 64, points: 7 }),
      [1, 2, 4, 8, 16, 32, 64],
    );
    assert.deepEqual(valuesOf({ parameter: "kernel", from: 1, to: 9, points: 3 }), [1, 5, 9]);
    assert.deepEqual(valuesOf({ parameter: "n", from: 1, to: 3, points: 24 }), [1, 2, 3]);
  });

  test("what is suggested can be run", () => {
    for (const plan of Object.values(suggested)) {
      const { steps, left } = stepsOf({ ...defaults, padding: [1, 1] }, plan);
      assert.deepEqual([steps.length, left], [plan.points, 0], plan.parameter);
    }
  });

  test("values that are not legal are left out", () => {
    const plan = { parameter: "kernel", from: 1, to: 11, points: 6 };
    const { steps, left } = stepsOf({ ...defaults, h: 6, w: 6, kernel: [2, 2] }, plan);
    assert.deepEqual([steps.map(({ value }) => value), left], [[1, 3, 5], 3]);
    for (const { settings } of steps) assert.deepEqual(problemsOf(settings), []);
  });

  test("padding that keeps the map's size goes on doing so", () => {
    const same = { ...defaults, padding: [1, 1] };
    assert.deepEqual(settingsAt(same, "kernel", 7).padding, [3, 3]);
    assert.deepEqual(settingsAt(defaults, "kernel", 7).padding, [0, 0]);
    const { h, w, source } = settingsAt({ ...defaults, source: "digits" }, "size", 40);
    assert.deepEqual([h, w, source], [40, 40, "random"]);
  });

  test("crossings lie between the values around them", () => {
    const point = (value, ratio, low = ratio * 0.99, high = ratio * 1.01) => ({
      value,
      times: [{ pass: "forward", ratio: { value: ratio, low, high } }],
    });
    const [crossing, ...others] = crossingsOf(
      [point(1, 2), point(4, 0.5), point(8, 0.4)],
      "forward",
    );
    assert.deepEqual(others, []);
    assert.ok(Math.abs(crossing.value - 2) < 1e-9);
    assert.deepEqual([crossing.between, crossing.beyond, crossing.sure], [[1, 4], "im2col", true]);
    assert.deepEqual(crossingsOf([point(1, 2), point(4, 1.5)], "forward"), []);
    assert.equal(crossingsOf([point(1, 1.1, 0.9, 1.2), point(4, 0.5)], "forward")[0].sure, false);
  });

  test("measures both methods in both directions, and keeps the points it has", async () => {
    let now = 0;
    let pauses = 0;
    const host = {
      open: async () => ({ cg: await load({ threads: 1 }), ms: 1 }),
      step: 0.001,
      clock: {
        now: () => (now += 30),
        pause: async () => ++pauses > 150,
        wasHidden: () => false,
      },
    };
    const small = { ...defaults, n: 1, h: 8, w: 8 };
    const { steps } = stepsOf(small, { parameter: "c", from: 1, to: 16, points: 5 });
    const points = [];
    const end = await runSweep(host, steps, (report) => {
      if (report.kind === "point") points.push(report.point);
    });
    assert.equal(end, "cancelled");
    assert.deepEqual(
      points.map(({ value, agree }) => [value, agree]),
      [[1, true]],
    );
    const [{ times, operations }] = points;
    assert.deepEqual(
      times.map(({ line, pass, ratio }) => [line.path, pass, ratio !== undefined]),
      [
        ["direct", "forward", false],
        ["direct", "backward", false],
        ["im2col", "forward", true],
        ["im2col", "backward", true],
      ],
    );
    assert.equal(operations.backward, 2 * operations.forward);
  });
});
