// What every consumer of the package runs: a case small enough to be checked by hand, and a layer large
// enough for threads, exact in whole numbers.

const range = (shape, of) => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => of(i)) };
};

const equal = (a, b) => a.data.every((value, i) => value === b.data[i]);

/**
 * By the load() of `convgrad`, or by that of `convgrad/worker`, whose calls are promises.
 * @returns what it answered; as { failed } what went wrong
 */
export async function check(load, options) {
  try {
    const cg = await load({ threads: 2, ...options });
    const [x, w] = [range([1, 1, 3, 3], (i) => i), range([1, 1, 2, 2], (i) => i)];
    const small = { y: await cg.conv2d(x, w), ...(await cg.conv2dBackward(w, x, w)) };

    const [image, filters] = [
      range([8, 8, 28, 28], (i) => ((i * 7) % 9) - 4),
      range([16, 8, 3, 3], (i) => ((i * 5) % 9) - 4),
    ];
    const run = async (algorithm) => {
      const how = { padding: 1, algorithm };
      const y = await cg.conv2d(image, filters, how);
      return { y, ...(await cg.conv2dBackward(y, image, filters, how)) };
    };
    const [fast, slow] = [await run("auto"), await run("reference")];
    const exact = ["y", "dx", "dw", "db"].filter((name) => equal(fast[name], slow[name]));
    cg.dispose();

    const numbers = Object.entries(small).map(([name, { data }]) => [name, [...data]]);
    return { info: cg.info, ...Object.fromEntries(numbers), exact };
  } catch (error) {
    return { failed: String(error) };
  }
}
