// A convolution to be timed: its extents, its data, and the results that every engine must have.
import { compare, spreadOverTiles } from "./check.js";
import { uniform } from "./random.js";

export const directions = {
  forward: { results: ["y"], passes: 1 },
  backward: { results: ["dx", "dw", "db"], passes: 2 },
  dx: { results: ["dx"], passes: 1 },
  dw: { results: ["dw", "db"], passes: 1 },
};

/**
 * @param shape an entry of shapes.json
 * @param direction a key of `directions`
 * @param cg the instance whose reference is believed
 */
export function convolution(shape, direction, cg) {
  const { n, c, h, w, k, r, s, stride, padding, dilation, groups } = shape;
  const outer = (size, window) =>
    Math.floor((size + 2 * padding - dilation * (window - 1) - 1) / stride) + 1;
  const [oh, ow] = [outer(h, r), outer(w, s)];
  const shapes = { x: [n, c, h, w], w: [k, c / groups, r, s], y: [n, k, oh, ow] };
  shapes.dy = shapes.y;
  shapes.dx = shapes.x;
  shapes.dw = shapes.w;
  shapes.db = [k];
  const random = uniform(1);
  const plain = (name) => ({ shape: shapes[name], data: random.fill(shapes[name]) });
  const data = { x: plain("x"), w: plain("w"), dy: plain("dy") };
  const { results, passes } = directions[direction];
  const problem = {
    ...shape,
    oh,
    ow,
    shapes,
    data,
    direction,
    results,
    need: Object.fromEntries(["dx", "dw", "db"].map((name) => [name, results.includes(name)])),
    window: { stride, padding, dilation, groups },
    flop: 2 * n * k * oh * ow * (c / groups) * r * s * passes,
  };
  const expected = compute(problem, cg, data, "reference");
  // The rounding of a sum is measured by the sum of its terms' sizes, whose own error is of no account.
  const sizes = Object.fromEntries(
    Object.entries(data).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map(Math.abs) },
    ]),
  );
  const scale = compute(problem, cg, sizes, "im2col");
  /** Throws where a result (name -> Float32Array) is further off than `bound` roundings of its terms. */
  problem.check = (name, actual, { bound, tile = 1 }) => {
    for (const result of results) {
      const tiled = tile > 1 && (result === "y" || result === "dx");
      compare(`${shape.name}, ${name}, ${result}`, actual[result], expected[result].data, {
        scale: tiled ? spreadOverTiles(scale[result], tile) : scale[result].data,
        bound,
      });
    }
  };
  return problem;
}

function compute({ direction, window, need }, cg, { x, w, dy }, algorithm) {
  const options = { ...window, algorithm };
  if (direction === "forward") return { y: cg.conv2d(x, w, options) };
  return cg.conv2dBackward(dy, x, w, { ...options, need });
}
