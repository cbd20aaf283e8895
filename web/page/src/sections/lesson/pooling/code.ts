// The pooling that the figure shows, as programs.
import type { Code } from "../CopyRow.tsx";
import { outputSide, SIDE, type State } from "./model.ts";

export function poolingCode(state: State): Code {
  const { kind, size, stride, padding: p, x, dy } = state;
  const side = outputSide(state);
  const max = kind === "max";
  const [values, residuals] = [`[${x.join(", ")}]`, `[${dy.join(", ")}]`];
  const window = `kernel_size=${size}, stride=${stride}, padding=${p}`;
  const at = (name: string) =>
    `${name} = slice(${name[0]} * ${stride}, ${name[0]} * ${stride} + ${size})`;
  return {
    NumPy: [
      "import numpy as np",
      "",
      `x = np.array(${values}, np.float32).reshape(${SIDE}, ${SIDE})`,
      `dy = np.array(${residuals}, np.float32).reshape(${side}, ${side})`,
      `xp = np.pad(x, ${p}, constant_values=-np.inf)`,
      "y, dxp = np.zeros_like(dy), np.zeros_like(xp)",
      `for i in range(${side}):`,
      `    for j in range(${side}):`,
      `        ${at("i_rows")}`,
      `        ${at("j_columns")}`,
      "        window = xp[i_rows, j_columns]",
      `        y[i, j] = window.${max ? "max" : "mean"}()`,
      ...(max
        ? [
            `        r, s = divmod(int(window.argmax()), ${size})`,
            `        dxp[i * ${stride} + r, j * ${stride} + s] += dy[i, j]`,
          ]
        : [`        dxp[i_rows, j_columns] += dy[i, j] / ${size * size}`]),
      `print(y, dxp[${p}:${p + SIDE}, ${p}:${p + SIDE}])`,
    ].join("\n"),
    PyTorch: [
      "import torch",
      "import torch.nn.functional as F",
      "",
      `x = torch.tensor(${values}, dtype=torch.float32).reshape(1, 1, ${SIDE}, ${SIDE}).requires_grad_()`,
      `dy = torch.tensor(${residuals}, dtype=torch.float32).reshape(1, 1, ${side}, ${side})`,
      ...(2 * p > size
        ? [
            `xp = F.pad(x, (${p}, ${p}, ${p}, ${p}), value=-torch.inf)`,
            `y = F.max_pool2d(xp, kernel_size=${size}, stride=${stride})`,
          ]
        : [`y = F.${max ? "max" : "avg"}_pool2d(x, ${window})`]),
      "y.backward(dy)",
      "print(y, x.grad)",
    ].join("\n"),
    convgrad: [
      'import { load } from "convgrad";',
      "",
      "const cg = await load();",
      `const x = { shape: [1, 1, ${SIDE}, ${SIDE}], data: Float32Array.of(${x.join(", ")}) };`,
      `const dy = { shape: [1, 1, ${side}, ${side}], data: Float32Array.of(${dy.join(", ")}) };`,
      `const o = { kernel: ${size}, stride: ${stride}, padding: ${p} };`,
      ...(max
        ? [
            "const { y, indices } = cg.maxPool2d(x, o);",
            "console.log(y.data, cg.maxPool2dBackward(dy, indices, x.shape, o).data);",
          ]
        : ["console.log(cg.avgPool2d(x, o).data, cg.avgPool2dBackward(dy, x.shape, o).data);"]),
    ].join("\n"),
  };
}
