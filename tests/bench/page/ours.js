// convgrad: one entry for each algorithm and build, on resident tensors with `out`.
import { ConvGradError, load } from "/package/index.js";

export { load };

// Roundings of the terms' sizes that an algorithm may be off by, as the package states them.
const bounds = { winograd4: 32 };

/** The call of one algorithm, or null where the package refuses it for this shape. */
export function conv2dEntry(problem, cg, algorithm) {
  const { data, direction, shapes, results, need } = problem;
  const resident = {};
  const tensor = (name) => (resident[name] ??= cg.tensor(shapes[name], data[name]?.data));
  const options = { ...problem.window, algorithm };
  const [x, w] = [tensor("x"), tensor("w")];
  const dispose = () => Object.values(resident).forEach((each) => each.dispose());
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
    bound: bounds[algorithm] ?? 4,
    run,
    results: () => Object.fromEntries(results.map((name) => [name, tensor(name).data])),
    dispose,
  };
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
