// The training that the figure shows, as programs.
import type { Code } from "../CopyRow.tsx";
import { programs } from "../program.ts";
import type { Task } from "./model.ts";

export function learnCode({ x, side, kernel, w, rate }: Omit<Task, "steps">, steps: number): Code {
  const m = (side - 2) ** 2;
  const count = Math.max(1, steps);
  const weights = [1, 1, 3, 3];
  const given = [
    { name: "x", shape: [1, 1, side, side], data: x },
    { name: "sought", shape: weights, data: kernel },
    { name: "w", shape: weights, data: w, graded: true },
  ];
  return programs(given, {
    numpy: [
      "def correlate(x, w):",
      "    windows = np.lib.stride_tricks.sliding_window_view(x[0, 0], w.shape[2:])",
      '    return np.einsum("ijrs,rs->ij", windows, w[0, 0])[None, None]',
      "",
      "t = correlate(x, sought)",
      `for step in range(${count}):`,
      `    w -= ${rate} * correlate(x, (correlate(x, w) - t) / ${m})`,
      "print(w)",
    ],
    torch: [
      "t = F.conv2d(x, sought)",
      `descent = torch.optim.SGD([w], lr=${rate})`,
      `for step in range(${count}):`,
      "    descent.zero_grad()",
      "    (((F.conv2d(x, w) - t) ** 2).mean() / 2).backward()",
      "    descent.step()",
      "print(w)",
    ],
    convgrad: [
      "const t = cg.conv2d(x, sought);",
      `for (let step = 0; step < ${count}; ++step) {`,
      "  const z = cg.conv2d(x, w);",
      `  const delta = { shape: z.shape, data: z.data.map((value, i) => (value - t.data[i]) / ${m}) };`,
      "  const { dw } = cg.conv2dBackward(delta, x, w, { need: { dx: false, db: false } });",
      `  w.data = w.data.map((value, i) => value - ${rate} * dw.data[i]);`,
      "}",
      "console.log(w.data);",
    ],
  });
}
