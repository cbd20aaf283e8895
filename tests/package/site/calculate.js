/** The chapter's batch example and its pooling, by every algorithm: small integers throughout. */
export function calculate(cg) {
  const upTo = (shape) => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    return { shape, data: Float32Array.from({ length }, (_, i) => i) };
  };
  const [x, w, dy] = [upTo([2, 3, 3, 3]), upTo([2, 3, 2, 2]), upTo([2, 2, 2, 2])];
  const results = {};
  for (const algorithm of ["auto", "direct", "im2col", "reference"]) {
    const { dx, dw, db } = cg.conv2dBackward(dy, x, w, { algorithm, reduction: "mean" });
    const { y, indices } = cg.maxPool2d(x, { kernel: 2, algorithm });
    results[algorithm] = [dx, dw, db, y, indices].map(({ data }) => [...data]);
  }
  return results;
}
