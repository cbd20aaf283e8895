// What a section shows, as programs for other libraries: the same numbers, the same operation.
import type { Code } from "./CopyRow.tsx";
import { type Convolution, type Operand, shapesOf } from "./convolution.ts";

/** What the programs compute. */
export type Wanted = "forward" | "dx" | "dw" | "img2col";

const numbersOf = (values: readonly number[]) => `[${values.join(", ")}]`;
const tuple = (shape: readonly number[]) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

export function convolutionCode(state: Convolution, wanted: Wanted): Code {
  const { extents: e, numbers } = state;
  const shapes = shapesOf(e);
  const names: readonly Operand[] = wanted === "forward" ? ["x", "w", "b"] : ["x", "w", "b", "dy"];
  const declare = (line: (name: Operand, values: string, shape: readonly number[]) => string) =>
    names.map((name) => line(name, numbersOf(numbers[name]), shapes[name])).join("\n");
  const window = `stride=${e.stride}, padding=${e.padding}, dilation=${e.dilation}`;
  return {
    NumPy: [
      "import numpy as np",
      "",
      declare(
        (name, values, shape) =>
          `${name} = np.array(${values}, dtype=np.float32).reshape${tuple(shape)}`,
      ),
      "",
      numpy(state, wanted),
    ].join("\n"),
    PyTorch: [
      "import torch",
      "import torch.nn.functional as F",
      "",
      declare((name, values, shape) => {
        const grad = wanted !== "forward" && name !== "dy" ? ".requires_grad_()" : "";
        return `${name} = torch.tensor(${values}, dtype=torch.float32).reshape${tuple(shape)}${grad}`;
      }),
      "",
      `y = F.conv2d(x, w, b, ${window})`,
      torch(wanted),
    ].join("\n"),
    convgrad: [
      'import { load } from "convgrad";',
      "",
      "const cg = await load();",
      declare(
        (name, values, shape) =>
          `const ${name} = { shape: ${numbersOf(shape)}, data: Float32Array.of(${values.slice(1, -1)}) };`,
      ),
      `const o = { stride: ${e.stride}, padding: ${e.padding}, dilation: ${e.dilation} };`,
      convgrad(e.r, e.s, wanted),
    ].join("\n"),
  };
}

function torch(wanted: Wanted): string {
  switch (wanted) {
    case "forward":
      return "print(y)";
    case "dw":
      return "y.backward(dy)\nprint(w.grad / len(x), b.grad / len(x))  # / batch, as the chapter";
    default:
      return "y.backward(dy)\nprint(x.grad)";
  }
}

function convgrad(r: number, s: number, wanted: Wanted): string {
  switch (wanted) {
    case "forward":
      return "console.log(cg.conv2d(x, w, { ...o, bias: b }).data);";
    case "dx":
      return "console.log(cg.conv2dBackward(dy, x, w, o).dx.data);";
    case "dw":
      return [
        'const { dw, db } = cg.conv2dBackward(dy, x, w, { ...o, reduction: "mean" });',
        "console.log(dw.data, db.data);",
      ].join("\n");
    case "img2col":
      return [
        `const colX = cg.im2col(x, { ...o, kernel: [${r}, ${s}] });`,
        'const { dx } = cg.conv2dBackward(dy, x, w, { ...o, algorithm: "im2col" });',
        "console.log(colX.data, dx.data);",
      ].join("\n");
  }
}

/** Plain loops over kernel positions, which is img2col and col2img without the names. */
function numpy({ extents: e }: Convolution, wanted: Wanted): string {
  const shapes = shapesOf(e);
  const [, , oh, ow] = shapes.dy;
  const at = [
    `rows = slice(r * ${e.dilation}, r * ${e.dilation} + ${(oh - 1) * e.stride + 1}, ${e.stride})`,
    `columns = slice(s * ${e.dilation}, s * ${e.dilation} + ${(ow - 1) * e.stride + 1}, ${e.stride})`,
  ];
  const p = e.padding;
  const loop = (...body: string[]) =>
    [`for r in range(${e.r}):`, `    for s in range(${e.s}):`]
      .concat([...at, ...body].map((line) => `        ${line}`))
      .join("\n");
  const pad = `xp = np.pad(x, ((0, 0), (0, 0), (${p}, ${p}), (${p}, ${p})))`;
  switch (wanted) {
    case "forward":
      return [
        pad,
        `y = np.zeros(${tuple(shapes.dy)}, np.float32) + b[:, None, None]`,
        loop('y += np.einsum("nchw,kc->nkhw", xp[:, :, rows, columns], w[:, :, r, s])'),
        "print(y)",
      ].join("\n");
    case "dw":
      return [
        pad,
        "dw = np.zeros_like(w)",
        loop('dw[:, :, r, s] = np.einsum("nchw,nkhw->kc", xp[:, :, rows, columns], dy)'),
        "dw /= len(x)",
        "db = dy.sum(axis=(0, 2, 3)) / len(x)",
        "print(dw, db)",
      ].join("\n");
    default:
      return [
        `dxp = np.zeros((${e.n}, ${e.c}, ${e.h + 2 * p}, ${e.w + 2 * p}), np.float32)`,
        loop('dxp[:, :, rows, columns] += np.einsum("nkhw,kc->nchw", dy, w[:, :, r, s])'),
        `dx = dxp[:, :, ${p}:${p + e.h}, ${p}:${p + e.w}]`,
        "print(dx)",
      ].join("\n");
  }
}
