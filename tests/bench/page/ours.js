// convgrad: one entry for each algorithm and build, on resident tensors with `out`.
import { ConvGradError } from "/package/index.js";

export { load } from "/package/index.js";

const tiles = { winograd: 2, winograd4: 4 };

/** The call of one algorithm, or null where the package refuses it for this shape. */
export function conv2dEntry(problem, cg, algorithm) {
  const { data, direction, shapes, results, need } = problem;
  const resident = {};
  const tensor = (name) => (resident[name] ??= cg.tensor(shapes[name], data[name]?.data));
  const options = { ...problem.window, algorithm };
  const [x, w] = [tensor("x"), tensor("w")];
  const dispose = () => {
    for (const each of Object.values(resident)) each.dispose();
  };
  let run;
  if (direction === "forward") {
    const forward = { ...options, out: tensor("y") };
    run = () => cg.conv2d(x, w, forward);
  } else {
    const out = Object.fromEntries(results.map((name) => [name, tensor(name)]));
    const dy = tensor("dy");
    const backward = { ...options, need, out };
    run = () => cg.conv2dBackward(dy, x, w, backward);
  }
  if (!accepts(run)) {
    dispose();
    return null;
  }
  return {
    bound: boundOf(algorithm, problem),
    tile: tiles[algorithm],
    run,
    results: () => Object.fromEntries(results.map((name) => [name, tensor(name).data])),
    dispose,
  };
}

/** Roundings of the terms' sizes that an algorithm may be off by, as the README states them. */
function boundOf(algorithm, { shapes, window }) {
  if (algorithm !== "winograd4") return 4;
  const [k, groupC] = shapes.w;
  return Math.min(groupC, k / (window.groups ?? 1)) < 16 ? 128 : 32;
}

function accepts(run) {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof ConvGradError && error.code === "bad-argument") return false;
    throw error;
  }
}

/** Pooling, forward or forward and backward. */
export function pool2dEntry({ kind, backward, shapes, data, results, ...window }, cg, algorithm) {
  const { kernel, stride } = window;
  const x = cg.tensor(shapes.x, data.x.data);
  const dy = cg.tensor(shapes.y, data.dy.data);
  const y = cg.tensor(shapes.y);
  const dx = cg.tensor(shapes.x);
  const count = shapes.y.reduce((a, b) => a * b, 1);
  const indices = cg.tensor(shapes.y, new Int32Array(count));
  const options = { kernel, stride, algorithm };
  const forward = { ...options, out: kind === "max" ? { y, indices } : y };
  const back = { ...options, out: dx };
  const passes = {
    max: [() => cg.maxPool2d(x, forward), () => cg.maxPool2dBackward(dy, indices, shapes.x, back)],
    mean: [() => cg.avgPool2d(x, forward), () => cg.avgPool2dBackward(dy, shapes.x, back)],
  };
  const [run, runBack] = passes[kind];
  const both = () => {
    run();
    runBack();
  };
  const tensors = { x, dy, y, dx, indices };
  return {
    bound: 8,
    run: backward ? both : run,
    results: () => {
      both();
      return Object.fromEntries(results.map((name) => [name, tensors[name].data]));
    },
    dispose: () => {
      for (const tensor of Object.values(tensors)) tensor.dispose();
    },
  };
}
