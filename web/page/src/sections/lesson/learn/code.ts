// The training that the figure shows, as programs.
import type { Code } from "../CopyRow.tsx";
import type { Task } from "./model.ts";

export function learnCode({ x, side, kernel, w, rate }: Omit<Task, "steps">, steps: number): Code {
  const list = (values: Iterable<number>) =>
    `[${Array.from(values, (value) => Number(value.toPrecision(6))).join(", ")}]`;
  const [picture, sought, start, m] = [list(x), list(kernel), list(w), (side - 2) ** 2];
  const count = Math.max(1, steps);
  return {
    NumPy: [
      "import numpy as np",
      "from numpy.lib.stride_tricks import sliding_window_view",
      "",
      `x = np.array(${picture}, np.float32).reshape(${side}, ${side})`,
      `sought = np.array(${sought}, np.float32).reshape(3, 3)`,
      `w = np.array(${start}, np.float32).reshape(3, 3)`,
      "",
      "def correlate(x, w):",
      '    return np.einsum("ijrs,rs->ij", sliding_window_view(x, w.shape), w)',
      "",
      "t = correlate(x, sought)",
      `for step in range(${count}):`,
      `    delta = (correlate(x, w) - t) / ${m}`,
      `    w -= ${rate} * correlate(x, delta)`,
      "print(w)",
    ].join("\n"),
    PyTorch: [
      "import torch",
      "import torch.nn.functional as F",
      "",
      `x = torch.tensor(${picture}).reshape(1, 1, ${side}, ${side})`,
      `sought = torch.tensor(${sought}, dtype=torch.float32).reshape(1, 1, 3, 3)`,
      `w = torch.tensor(${start}, dtype=torch.float32).reshape(1, 1, 3, 3).requires_grad_()`,
      "",
      "t = F.conv2d(x, sought)",
      `descent = torch.optim.SGD([w], lr=${rate})`,
      `for step in range(${count}):`,
      "    descent.zero_grad()",
      "    (((F.conv2d(x, w) - t) ** 2).mean() / 2).backward()",
      "    descent.step()",
      "print(w)",
    ].join("\n"),
    convgrad: [
      'import { load } from "convgrad";',
      "",
      "const cg = await load();",
      `const x = { shape: [1, 1, ${side}, ${side}], data: Float32Array.of(${picture.slice(1, -1)}) };`,
      `const sought = { shape: [1, 1, 3, 3], data: Float32Array.of(${sought.slice(1, -1)}) };`,
      `const w = { shape: [1, 1, 3, 3], data: Float32Array.of(${start.slice(1, -1)}) };`,
      "",
      "const t = cg.conv2d(x, sought);",
      `for (let step = 0; step < ${count}; ++step) {`,
      "  const z = cg.conv2d(x, w);",
      `  const delta = { shape: z.shape, data: z.data.map((value, i) => (value - t.data[i]) / ${m}) };`,
      "  const { dw } = cg.conv2dBackward(delta, x, w, { need: { dx: false, db: false } });",
      `  w.data = w.data.map((value, i) => value - ${rate} * dw.data[i]);`,
      "}",
      "console.log(w.data);",
    ].join("\n"),
  };
}
