// Settings in an address and runs in a file: they come back as they were, and do no harm.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pageModule } from "./modules.mjs";

const lab = (file) => pageModule(`sections/lab/${file}.ts`);
const { defaults } = await lab("settings");
const { presets } = await lab("presets");
const { problemsOf } = await lab("rules");
const { parametersOf, setupFrom } = await lab("link");
const { firstSetup } = await lab("setup");
const { PARAMETERS, suggested } = await lab("sweep");
const { csvOf, readRun, recordOf, sweepCsvOf } = await lab("record");
const { uniform } = await pageModule("random.ts");

/** A setup through an address and back. */
function through(setup) {
  const address = new URLSearchParams(parametersOf(setup));
  return setupFrom((name) => new URLSearchParams(address.toString()).get(name));
}

describe("addresses", () => {
  test("carry every preset and every sweep", () => {
    for (const { id, settings } of presets) {
      const setup = { settings, sweep: firstSetup.sweep };
      assert.deepEqual(through(setup), setup, id);
    }
    for (const parameter of PARAMETERS) {
      const setup = { ...firstSetup, sweep: suggested[parameter] };
      assert.deepEqual(through(setup), setup, parameter);
    }
  });

  test("carry every setting", () => {
    const settings = {
      ...defaults,
      operation: "avgPool2d",
      source: "random",
      distribution: "uniform",
      seed: 77,
      n: 5,
      c: 6,
      h: 17,
      w: 19,
      k: 9,
      kernel: [3, 2],
      stride: [2, 1],
      padding: [1, 0],
      dilation: [1, 2],
      groups: 3,
      ceilMode: true,
      countIncludePad: true,
      delta: "uniform",
      reduction: "mean",
      direction: "backward",
      paths: ["im2col", "reference"],
      extras: ["baseline", "threads"],
      rounds: 40,
      timeLimit: 3,
    };
    assert.deepEqual(problemsOf(settings), []);
    assert.deepEqual(through({ ...firstSetup, settings }).settings, settings);
  });

  test("are empty for what is set at first", () => {
    assert.deepEqual(parametersOf(firstSetup), []);
    assert.deepEqual(
      setupFrom(() => null),
      firstSetup,
    );
  });

  test("are believed only where they are legal", () => {
    const from = (text) => {
      const asked = new URLSearchParams(text);
      return setupFrom((name) => asked.get(name)).settings;
    };
    assert.equal(from("lab.n=99999").n, 512);
    assert.equal(from("lab.n=-3").n, 1);
    assert.equal(from("lab.n=1e9").n, 64);
    assert.equal(from("lab.rounds=1").rounds, 30);
    assert.equal(from("lab.operation=<script>").operation, "conv2d");
    assert.deepEqual(from("lab.kernel=99x99").kernel, [30, 30]);
    assert.deepEqual(from("lab.paths=plain.nothing").paths, ["plain"]);
    assert.deepEqual(from("lab.paths=").paths, firstSetup.settings.paths);
    assert.deepEqual(from("lab.operation=maxPool2d&lab.padding=9").padding, [2, 2]);
    assert.equal(from("lab.groups=7").groups, 1);
    // A window that dilation makes too wide, and a run larger than memory.
    assert.deepEqual(from("lab.h=4&lab.dilation=9").dilation, [1, 9]);
    const huge = from("lab.n=512&lab.c=512&lab.h=512&lab.w=512&lab.k=512&lab.kernel=31x31");
    assert.deepEqual(problemsOf(huge), []);
  });

  test("do no harm, whatever is in them", () => {
    const next = uniform(11);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const hostile = [
      "",
      "0",
      "-1",
      "1",
      "31",
      "512",
      "99999999999999999999",
      "NaN",
      "Infinity",
      "0x10",
      "1e3",
      "3x",
      "x3",
      "31x1",
      "1x31",
      "__proto__",
      "constructor",
      "<img src=x>",
      "digits",
      "picture",
      "random",
      "maxPool2d",
      "avgPool2d",
      "edges",
      "k.512.1.24",
      "stride.0.99.1",
      "size.a.b.c",
    ];
    const names = [...Object.keys(defaults), "sweep", "__proto__"].map((name) => `lab.${name}`);
    for (let i = 0; i < 3000; ++i) {
      const asked = new Map(names.filter(() => next() < 0.4).map((name) => [name, pick(hostile)]));
      const { settings, sweep } = setupFrom((name) => asked.get(name) ?? null);
      assert.deepEqual(problemsOf(settings), [], JSON.stringify([...asked]));
      assert.ok(sweep.from >= 1 && sweep.to >= sweep.from && sweep.points >= 2);
      assert.deepEqual(Object.keys(settings).sort(), Object.keys(defaults).sort());
    }
  });
});

const line = (id) => {
  const [path, build = "main"] = id.split("@");
  return { id, path, build };
};
const series = [
  { line: line("direct"), pass: "forward", batch: 4, samples: [1, 2, 1.5] },
  { line: line("im2col@threads"), pass: "backward", batch: 1, samples: [7, 8, 9] },
];
const run = {
  settings: { ...firstSetup.settings, n: 8 },
  made: "2026-01-02T03:04:05.678Z",
  stage: { name: "time", done: 3, of: 3 },
  loads: [{ build: "main", simd: "relaxed", threads: 1, ms: 50 }],
  firstCalls: [{ line: line("direct"), pass: "forward", ms: 3 }],
  timing: { series, rounds: 3, dropped: 1 },
  agreement: [
    { line: line("direct"), tensor: "y", pass: true, ulp: 2, heat: { data: new Float32Array(9) } },
  ],
  end: "narrow",
};
const environment = {
  version: "0.1.0",
  browser: "Chromium 1",
  cores: 2,
  isolated: true,
  clockStep: 0.005,
};

describe("records", () => {
  test("have raw samples, environment and version, and come back", () => {
    const record = recordOf(run, environment);
    assert.equal(record.droppedRounds, 1);
    assert.deepEqual(record.firstCalls, [{ line: "direct", pass: "forward", ms: 3 }]);
    assert.equal(JSON.stringify(record).includes("heat"), false);
    const { settings, made } = run;
    assert.deepEqual(readRun(JSON.stringify(record)), { made, environment, settings, series });
  });

  test("as CSV have a row for each sample", () => {
    const rows = csvOf(series).trimEnd().split("\r\n");
    assert.equal(rows[0], "path,build,pass,round,batch,ms");
    assert.equal(rows[1], "direct,main,forward,0,4,1");
    assert.equal(rows.at(-1), "im2col,threads,backward,2,1,9");
    assert.equal(rows.length, 7);
    const summary = { q1: 1, median: 2, q3: 3, count: 15 };
    const times = [{ line: line("direct"), pass: "forward", summary }];
    const sweep = { plan: suggested.c, points: [{ value: 4, times }] };
    assert.equal(
      sweepCsvOf(sweep),
      "c,path,pass,median_ms,q1_ms,q3_ms,rounds\r\n4,direct,forward,2,1,3,15\r\n",
    );
  });

  test("that are none are refused", () => {
    const why = (text) => readRun(text).why;
    for (const text of ["", "{", "null", "[]", "7", '"convgrad-lab"', '{"format":"other"}']) {
      assert.equal(why(text), "format", text);
    }
    assert.equal(why('{"format":"convgrad-lab","formatVersion":9}'), "version");
    const record = recordOf(run, environment);
    const withSeries = (given) => why(JSON.stringify({ ...record, series: given }));
    assert.equal(withSeries([]), "empty");
    assert.equal(withSeries("many"), "empty");
    assert.equal(withSeries([{ ...record.series[0], line: "<b>" }]), "empty");
    assert.equal(withSeries([{ ...record.series[0], samples: [-1, "2", null, {}] }]), "empty");
  });

  test("are believed only where they are legal", () => {
    const record = recordOf(run, environment);
    const read = readRun(
      JSON.stringify({
        ...record,
        made: { toString: 1 },
        settings: { ...record.settings, n: 1e9, kernel: "<b>", operation: [[[]]], paths: [{}] },
        environment: { browser: "x".repeat(5000), cores: "many" },
        series: [{ ...record.series[0], samples: Array(5000).fill(1), batch: -1e99 }],
      }),
    );
    assert.deepEqual(problemsOf(read.settings), []);
    assert.equal(read.settings.operation, "conv2d");
    assert.equal(read.environment.browser.length, 200);
    assert.equal(read.environment.cores, 0);
    assert.equal(read.series[0].samples.length, 1000);
    assert.equal(
      readRun(JSON.stringify({ ...record, settings: 7, environment: [] })).made,
      run.made,
    );
  });
});
