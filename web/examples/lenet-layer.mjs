// The first layer of LeNet-5, forward and backward, against your own numbers: write your convolution in
// the place of mine below, or give a file of numbers made elsewhere.
//
//   npm install convgrad && node lenet-layer.mjs [numbers.json]
//
// The file: { "y": [...], "dx": [...], "dw": [...], "db": [...] }, each in row-major order. In PyTorch:
//
//   wave = lambda *s: torch.sin(torch.arange(math.prod(s), dtype=torch.float64)).reshape(s)
//   x, w = wave(1, 1, 32, 32).requires_grad_(), wave(6, 1, 5, 5).requires_grad_()
//   b = wave(6).requires_grad_()
//   y = torch.nn.functional.conv2d(x, w, b)
//   y.backward(wave(1, 6, 28, 28))
//   tensors = {"y": y, "dx": x.grad, "dw": w.grad, "db": b.grad}
//   json.dump({k: t.detach().flatten().tolist() for k, t in tensors.items()}, open("numbers.json", "w"))
import { readFileSync } from "node:fs";
import { load } from "convgrad";

const wave = (...shape) => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i)) };
};

const x = wave(1, 1, 32, 32); //  N × C × H × W
const w = wave(6, 1, 5, 5); //    K × C × R × S
const b = wave(6); //             K
const dy = wave(1, 6, 28, 28); // N × K × OH × OW

function mine() {
  const y = new Float64Array(6 * 28 * 28);
  const dx = new Float64Array(32 * 32);
  const dw = new Float64Array(6 * 5 * 5);
  const db = new Float64Array(6);
  for (let k = 0; k < 6; k++) {
    for (let i = 0; i < 28; i++) {
      for (let j = 0; j < 28; j++) {
        const out = (k * 28 + i) * 28 + j;
        y[out] = b.data[k];
        db[k] += dy.data[out];
        for (let r = 0; r < 5; r++) {
          for (let s = 0; s < 5; s++) {
            const pixel = (i + r) * 32 + (j + s);
            const weight = (k * 5 + r) * 5 + s;
            y[out] += w.data[weight] * x.data[pixel];
            dx[pixel] += w.data[weight] * dy.data[out];
            dw[weight] += x.data[pixel] * dy.data[out];
          }
        }
      }
    }
  }
  return { y, dx, dw, db };
}

const file = process.argv[2];
const yours = file ? JSON.parse(readFileSync(file, "utf8")) : mine();

const cg = await load();
const ours = { y: cg.conv2d(x, w, { bias: b }), ...cg.conv2dBackward(dy, x, w) };
for (const [name, { data, shape }] of Object.entries(ours)) {
  const apart = data.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - yours[name][i])),
    0,
  );
  const verdict = apart < 1e-4 ? "agrees" : "DIFFERS";
  console.log(
    `${name.padEnd(2)} ${shape.join("×").padEnd(9)}  ${verdict}, at most ${apart.toExponential(1)} apart`,
  );
}
cg.dispose();
