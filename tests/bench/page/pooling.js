// A pooling to be timed: its data, and the results that every engine must have. One operation is the
// forward pass, or the forward and the backward pass together, as a training step has them.
import { compare } from "./check.js";
import { uniform } from "./random.js";

/**
 * @param shape an entry of shapes.json
 * @param kind "max" or "mean"
 * @param backward whether the backward pass follows
 * @param cg the instance whose reference is believed
 */
export function pooling(shape, kind, backward, cg) {
  const { n, c, h, w, kernel, stride } = shape;
  const outer = (size) => Math.floor((size - kernel) / stride) + 1;
  const shapes = { x: [n, c, h, w], y: [n, c, outer(h), outer(w)] };
  const random = uniform(1);
  // Positive, because tfjs sends the gradient of a window without a positive element elsewhere.
  const x = { shape: shapes.x, data: random.fill(shapes.x, 0) };
  const dy = { shape: shapes.y, data: random.fill(shapes.y) };
  const problem = { ...shape, kind, backward, shapes, data: { x, dy } };
  problem.results = backward ? ["y", "dx"] : ["y"];
  const options = { kernel, stride, algorithm: "reference" };
  const expected = compute(cg, problem, x, dy, options);
  const sizes = { shape: dy.shape, data: dy.data.map(Math.abs) };
  const scale = compute(cg, problem, x, sizes, options);
  /** Throws where a result (name -> Float32Array) is further off than `bound` roundings of its terms. */
  problem.check = (name, actual, { bound }) => {
    for (const result of problem.results) {
      const what = `${kind} pooling ${shape.name}, ${name}, ${result}`;
      compare(what, actual[result], expected[result], { scale: scale[result], bound });
    }
  };
  return problem;
}

function compute(cg, { kind, backward, shapes }, x, dy, options) {
  if (kind === "max") {
    const { y, indices } = cg.maxPool2d(x, options);
    if (!backward) return { y: y.data };
    return { y: y.data, dx: cg.maxPool2dBackward(dy, indices, shapes.x, options).data };
  }
  const y = cg.avgPool2d(x, options);
  if (!backward) return { y: y.data };
  return { y: y.data, dx: cg.avgPool2dBackward(dy, shapes.x, options).data };
}
