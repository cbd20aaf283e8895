// A layer in Node 20, forward and backward.
//
//   npm install convgrad && node node.mjs
import { load } from "convgrad";

const cg = await load();
console.log(cg.info);

const random = (shape) => {
  const tensor = cg.tensor(shape);
  tensor.data.forEach((_, i, data) => {
    data[i] = Math.random() - 0.5;
  });
  return tensor;
};

const x = random([1, 64, 56, 56]);
const w = random([64, 64, 3, 3]);
const bias = random([64]);

const start = performance.now();
const y = cg.conv2d(x, w, { bias, padding: 1 });
const { dx, dw, db } = cg.conv2dBackward(y, x, w, { padding: 1 });
const ms = performance.now() - start;

for (const [name, { shape }] of Object.entries({ y, dx, dw, db })) {
  console.log(`${name.padEnd(2)} ${shape.join(" × ")}`);
}
console.log(`in ${ms.toFixed(1)} ms, the first time`);
cg.dispose();
