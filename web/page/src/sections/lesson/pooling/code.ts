// The pooling that the figure shows, as programs.
import type { Code } from "../CopyRow.tsx";
import { programs } from "../program.ts";
import { outputSide, SIDE, type State } from "./model.ts";

export function poolingCode(state: State): Code {
  const { kind, size, stride, padding: p, x, dy } = state;
  const side = outputSide(state);
  const max = kind === "max";
  const window = `kernel_size=${size}, stride=${stride}, padding=${p}`;
  const slice = (index: string) => `slice(${index} * ${stride}, ${index} * ${stride} + ${size})`;
  const given = [
    { name: "x", shape: [1, 1, SIDE, SIDE], data: x, graded: true },
    { name: "dy", shape: [1, 1, side, side], data: dy },
  ];
  return programs(given, {
    numpy: [
      `xp = np.pad(x[0, 0], ${p}, constant_values=-np.inf)`,
      "y, dxp = np.zeros_like(dy), np.zeros_like(xp)",
      `for i in range(${side}):`,
      `    for j in range(${side}):`,
      `        window = (${slice("i")}, ${slice("j")})`,
      `        y[0, 0, i, j] = xp[window].${max ? "max" : "mean"}()`,
      ...(max
        ? [
            `        r, s = divmod(int(xp[window].argmax()), ${size})`,
            `        dxp[i * ${stride} + r, j * ${stride} + s] += dy[0, 0, i, j]`,
          ]
        : [`        dxp[window] += dy[0, 0, i, j] / ${size * size}`]),
      `print(y, dxp[${p}:${p + SIDE}, ${p}:${p + SIDE}])`,
    ],
    torch: [
      ...(2 * p > size
        ? [
            `xp = F.pad(x, (${p}, ${p}, ${p}, ${p}), value=-torch.inf)`,
            `y = F.max_pool2d(xp, kernel_size=${size}, stride=${stride})`,
          ]
        : [`y = F.${max ? "max" : "avg"}_pool2d(x, ${window})`]),
      "y.backward(dy)",
      "print(y, x.grad)",
    ],
    convgrad: [
      `const o = { kernel: ${size}, stride: ${stride}, padding: ${p} };`,
      ...(max
        ? [
            "const { y, indices } = cg.maxPool2d(x, o);",
            "console.log(y.data, cg.maxPool2dBackward(dy, indices, x.shape, o).data);",
          ]
        : ["console.log(cg.avgPool2d(x, o).data, cg.avgPool2dBackward(dy, x.shape, o).data);"]),
    ],
  });
}
