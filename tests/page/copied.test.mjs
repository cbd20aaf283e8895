// The programs that the lesson's sections copy, run: they print the numbers that their figures show.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import * as convgrad from "convgrad";
import { pageModule } from "./modules.mjs";

const cg = await convgrad.load();
const lesson = (file) => pageModule(`sections/lesson/${file}`);
const { convolution } = await lesson("convolution.ts");
const { convolutionCode } = await lesson("code.ts");

const CHAPTER = { n: 1, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2, stride: 1, padding: 0, dilation: 1 };
const EXTENTS = [
  CHAPTER,
  { n: 2, c: 3, h: 6, w: 7, k: 2, r: 3, s: 2, stride: 2, padding: 1, dilation: 2 },
  { ...CHAPTER, c: 2, k: 2, padding: 3 },
  { ...CHAPTER, h: 7, w: 5, r: 3, s: 1, stride: 3 },
];

function* statesOf(initial, ...changes) {
  for (const extents of EXTENTS) {
    for (const each of changes) yield { ...initial, ...convolution(extents), ...each };
  }
}

const aCase = (what, code, numbers, own = {}) => ({
  what,
  code,
  numbers: (dialect) => (own[dialect] ?? numbers).flatMap((grid) => [...grid]),
});

/** The numbers of some of a figure's grids. */
const grids = (figure, names) => names.map((name) => figure.find(({ id }) => id === name).data);

async function convolutions() {
  const wanted = { forward: ["z"], dx: ["dx"], dw: ["dw", "db"] };
  const cases = await Promise.all(
    Object.entries(wanted).map(async ([id, names]) => {
      const { INITIAL, compute, figure } = await lesson(`${id}/model.ts`);
      return [...statesOf(INITIAL, {})].map((state) => {
        const drawn = figure(state, compute(cg, state), 0);
        const what = `${id} ${JSON.stringify(state.extents)}`;
        return aCase(what, convolutionCode(state, id), grids(drawn, names));
      });
    }),
  );
  return cases.flat();
}

async function img2cols() {
  const { INITIAL, compute } = await lesson("img2col/model.ts");
  const { figure } = await lesson("img2col/figure.ts");
  const { img2colCode } = await lesson("img2col/code.ts");
  return [...statesOf(INITIAL, { pass: "forward" }, { pass: "backward" })].map((state) => {
    const of = (...names) => grids(figure(state, compute(cg, state), 0), names);
    const forward = state.pass === "forward";
    const all = forward ? of("colX", "z") : of("dW", "dcol", "dx");
    // The package keeps dcol to itself.
    const own = forward ? {} : { convgrad: of("dW", "dx") };
    const what = `img2col ${state.pass} ${JSON.stringify(state.extents)}`;
    return aCase(what, img2colCode(state), all, own);
  });
}

async function pools() {
  const { INITIAL, adapt, compute } = await lesson("pooling/model.ts");
  const { figure } = await lesson("pooling/figure.ts");
  const { poolingCode } = await lesson("pooling/code.ts");
  const settings = [{}, { stride: 1 }, { size: 3, stride: 2, padding: 1 }, { padding: 1 }];
  return ["max", "mean"].flatMap((kind) =>
    [...settings, { size: 3, padding: 2 }].map((changes) => {
      const state = adapt(INITIAL, { kind, ...changes });
      const drawn = figure(state, compute(cg, state));
      return aCase(
        `pooling ${kind} ${JSON.stringify(changes)}`,
        poolingCode(state),
        grids(drawn, ["y", "dx"]),
      );
    }),
  );
}

async function learning() {
  const { INITIAL, compute } = await lesson("learn/model.ts");
  const { learnCode } = await lesson("learn/code.ts");
  const x = Float32Array.from({ length: 64 }, (_, at) => ((at * 37) % 64) / 64 - 0.5);
  const task = { ...INITIAL, x, side: 8, rate: 2, steps: 30 };
  return aCase("learn", learnCode(task, 30), [compute(cg, task).path.at(-1).w]);
}

/** Each: what it is, its program in three dialects, and the numbers that every dialect prints. */
const CASES = [
  ...(await convolutions()),
  ...(await img2cols()),
  ...(await pools()),
  await learning(),
];

function assertPrinted({ what, numbers }, dialect, printed) {
  const wanted = numbers(dialect);
  assert.equal(printed.length, wanted.length, `${what}: ${printed}`);
  const size = Math.max(1, ...wanted.map(Math.abs));
  for (const [i, value] of wanted.entries()) {
    assert.ok(Math.abs(printed[i] - value) <= 1e-5 * size, `${what}: ${printed[i]}, not ${value}`);
  }
}

describe("copied programs print what the figure shows", () => {
  test("convgrad", async () => {
    const AsyncFunction = (async () => {}).constructor;
    const head = 'import { load } from "convgrad";\n';
    for (const each of CASES) {
      const text = each.code.convgrad;
      assert.ok(text.startsWith(head));
      const printed = [];
      const log = (...values) => printed.push(...values.flatMap((value) => [...value]));
      const run = new AsyncFunction("load", "console", text.slice(head.length));
      await run(async () => cg, { log });
      assertPrinted(each, "convgrad", printed);
    }
  });

  for (const [dialect, module] of [
    ["NumPy", "numpy"],
    ["PyTorch", "torch"],
  ]) {
    const python = ["python3", "/usr/bin/python3"].find(
      (program) => spawnSync(program, ["-c", `import ${module}`]).status === 0,
    );
    if (!python) {
      console.log(`There is no Python with ${module}: the ${dialect} programs are not run.`);
      continue;
    }
    test(dialect, () => {
      const programs = CASES.map(({ code }) => code[dialect]);
      const { status, stdout, stderr } = spawnSync(python, ["-c", driver(module)], {
        input: JSON.stringify(programs),
        encoding: "utf8",
        maxBuffer: 1 << 26,
      });
      assert.equal(status, 0, stderr);
      const printed = JSON.parse(stdout);
      for (const [i, each] of CASES.entries()) assertPrinted(each, dialect, printed[i]);
    });
  }
});

/** Runs the programs of a list, and gives all numbers that each of them printed. */
const driver = (module) => `
import contextlib, io, json, re, sys
import ${module}
${module}.set_printoptions(threshold=10**6, precision=9)
found = []
for program in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, {})
    text = re.sub(r"grad_fn=<\\w+>", "", out.getvalue())
    found.append([float(number) for number in re.findall(r"-?\\d+\\.?\\d*(?:e[-+]?\\d+)?", text)])
print(json.dumps(found))
`;
