// The public API on calls that a seed makes up: each as the reference says, on whatever tensors its
// arguments and results are; and the same calls spoilt, which are refused by code or right as they are.
//
// CONVGRAD_FUZZ_SECONDS says how long (30), CONVGRAD_FUZZ_SEED where to begin.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertClose,
  builds,
  ConvGradError,
  generator,
  load,
  tolerance,
} from "../package/support/data.mjs";
import { emptyLike, makeCall, operations, pick, spoil } from "./calls.mjs";

const seconds = Number(process.env.CONVGRAD_FUZZ_SECONDS ?? 30);
const firstSeed = Number(process.env.CONVGRAD_FUZZ_SEED ?? 1);

const isTensor = (value) => value !== null && typeof value === "object" && "data" in value;

/** The same elements on another ground: a part of a larger array, shared memory, the module's own. */
function place(next, cg, tensor, mine) {
  const { data, shape } = tensor;
  switch (Math.floor(next() * 5)) {
    case 0: {
      const made = cg.tensor(shape, data);
      mine.push(made);
      return made;
    }
    case 1: {
      const made = cg.tensor(shape, data);
      mine.push(made);
      // As a getter, since a view of the module's memory goes dead when another tensor makes it grow.
      return {
        shape,
        get data() {
          return made.data;
        },
      };
    }
    case 2: {
      const whole = new data.constructor(data.length + 7);
      whole.set(data, 3);
      return { shape, data: whole.subarray(3, 3 + data.length) };
    }
    case 3: {
      const shared = new data.constructor(new SharedArrayBuffer(data.byteLength));
      shared.set(data);
      return { shape, data: shared };
    }
    default:
      return tensor;
  }
}

/** Arguments with their tensors placed, and an `out` for some of the results. */
function prepare(next, cg, { args, expected, outs }, mine) {
  // All resident from time to time: the results are so, too, only then.
  const resident = next() < 0.3;
  const put = (tensor) => {
    if (!resident) return place(next, cg, tensor, mine);
    mine.push(cg.tensor(tensor.shape, tensor.data));
    return mine.at(-1);
  };
  const prepared = args.map((value) => (isTensor(value) ? put(value) : value));
  const options = args.at(-1);
  if (outs === undefined || Array.isArray(options)) return prepared;
  const copy = { ...options };
  if (copy.bias) copy.bias = put(copy.bias);
  const given = outs
    .filter(() => next() < 0.4)
    .map((name) => [name, put(emptyLike(expected[name]))]);
  if (outs.length > 1) copy.out = Object.fromEntries(given);
  else if (given.length === 1) copy.out = given[0][1];
  prepared[prepared.length - 1] = copy;
  return prepared;
}

function compare(result, { expected, exact, args }, what) {
  const names = Object.keys(expected);
  const results = names.length === 1 && "shape" in result ? { [names[0]]: result } : result;
  for (const name of names) {
    const { algorithm } = args.at(-1);
    if (algorithm === "winograd4" || (algorithm === "winograd" && !exact)) {
      // Their bounds are in terms of the largest sum of a tile; here of the largest that there is.
      const factor = algorithm === "winograd4" ? 8 : 1;
      const bound = factor * tolerance(Math.max(0, ...expected[name].terms));
      results[name].data.forEach((is, i) => {
        assert.ok(Math.abs(is - expected[name].data[i]) <= bound, `${what}, ${name}[${i}]`);
      });
    } else {
      assertClose(results[name], expected[name], `${what}, ${name}`, { exact });
    }
  }
  return results;
}

const codes = [
  ...["shape-mismatch", "bad-argument", "empty-output", "too-large", "out-of-memory", "disposed"],
];

for (const [build, threads] of builds.flatMap((simd) => [
  [simd, 1],
  [simd, 2],
])) {
  const share = seconds / (2 * builds.length);
  test(`${build}, ${threads} threads: ${share} s of calls from seed ${firstSeed}`, async () => {
    const cg = await load({ simd: build, threads });
    const counts = { right: 0, refused: 0, harmless: 0, codes: {} };
    const end = performance.now() + share * 1000;
    const known = cg.tensor([1, 1, 2, 2], Float32Array.of(1, 2, 3, 4));
    const { tensors } = cg.memory();
    for (let seed = firstSeed; performance.now() < end; ++seed) {
      const next = generator(seed);
      const op = pick(next, operations);
      const call = makeCall(next, op);
      if (call === null) continue;
      const what = `seed ${seed}: ${op} ${JSON.stringify(call.args.at(-1))}`;
      const mine = [];
      const args = prepare(next, cg, call, mine);
      const results = Object.values(compare(cg[op](...args), call, what));
      ++counts.right;
      const live = cg.memory();
      try {
        const result = cg[op](...spoil(next, args));
        results.push(...("shape" in result ? [result] : Object.values(result)));
        ++counts.harmless;
      } catch (error) {
        assert.ok(error instanceof ConvGradError, `${what}: ${error?.stack}`);
        assert.ok(codes.includes(error.code), `${what}: ${error.code}`);
        counts.codes[error.code] = (counts.codes[error.code] ?? 0) + 1;
        ++counts.refused;
        assert.equal(cg.memory().tensors, live.tensors, `${what}: a tensor is left`);
      }
      for (const tensor of [...mine, ...results]) tensor.dispose?.();
      assert.equal(cg.memory().tensors, tensors, `${what}: a tensor is left`);
      assert.deepEqual([...known.data], [1, 2, 3, 4], `${what}: memory of another is written`);
    }
    cg.dispose();
    console.log(build, threads, JSON.stringify(counts));
    assert.ok(counts.right > 10 * share && counts.refused > share, "enough calls were made");
  });
}
