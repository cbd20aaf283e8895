// The convolutions that the figures show, as programs.
import type { Code } from "./CopyRow.tsx";
import { type Convolution, type Operand, shapesOf } from "./convolution.ts";
import { programs, tuple } from "./program.ts";

/** What the programs compute. */
export type Wanted = "forward" | "dx" | "dw";

export function convolutionCode(state: Convolution, wanted: Wanted): Code {
  const { extents: e, numbers } = state;
  const shapes = shapesOf(e);
  const forward = wanted === "forward";
  const names: readonly Operand[] = forward ? ["x", "w", "b"] : ["x", "w", "b", "dy"];
  const given = names.map((name) => ({
    name,
    shape: shapes[name],
    data: numbers[name],
    graded: !forward && name !== "dy",
  }));
  return programs(given, {
    numpy: numpy(state, wanted),
    torch: [
      `y = F.conv2d(x, w, b, stride=${e.stride}, padding=${e.padding}, dilation=${e.dilation})`,
      ...torch(wanted),
    ],
    convgrad: [
      `const o = { stride: ${e.stride}, padding: ${e.padding}, dilation: ${e.dilation} };`,
      ...convgrad(wanted),
    ],
  });
}

function torch(wanted: Wanted): readonly string[] {
  switch (wanted) {
    case "forward":
      return ["print(y)"];
    case "dw":
      return [
        "y.backward(dy)",
        "print(w.grad / len(x), b.grad / len(x))  # / batch, as the chapter",
      ];
    default:
      return ["y.backward(dy)", "print(x.grad)"];
  }
}

function convgrad(wanted: Wanted): readonly string[] {
  switch (wanted) {
    case "forward":
      return ["console.log(cg.conv2d(x, w, { ...o, bias: b }).data);"];
    case "dx":
      return ["console.log(cg.conv2dBackward(dy, x, w, o).dx.data);"];
    case "dw":
      return [
        'const { dw, db } = cg.conv2dBackward(dy, x, w, { ...o, reduction: "mean" });',
        "console.log(dw.data, db.data);",
      ];
  }
}

/** Plain loops over kernel positions. */
function numpy({ extents: e }: Convolution, wanted: Wanted): readonly string[] {
  const { dy } = shapesOf(e);
  const p = e.padding;
  const slice = (index: string, outputs: number) =>
    `slice(${index} * ${e.dilation}, ${index} * ${e.dilation} + ${(outputs - 1) * e.stride + 1}, ${e.stride})`;
  const loop = (body: string) => [
    `for r in range(${e.r}):`,
    `    for s in range(${e.s}):`,
    `        rows, columns = ${slice("r", dy[2])}, ${slice("s", dy[3])}`,
    `        ${body}`,
  ];
  const pad = `xp = np.pad(x, ((0, 0), (0, 0), (${p}, ${p}), (${p}, ${p})))`;
  switch (wanted) {
    case "forward":
      return [
        pad,
        `y = np.zeros(${tuple(dy)}, np.float32) + b[:, None, None]`,
        ...loop('y += np.einsum("nchw,kc->nkhw", xp[:, :, rows, columns], w[:, :, r, s])'),
        "print(y)",
      ];
    case "dw":
      return [
        pad,
        "dw = np.zeros_like(w)",
        ...loop('dw[:, :, r, s] = np.einsum("nchw,nkhw->kc", xp[:, :, rows, columns], dy)'),
        "dw /= len(x)",
        "db = dy.sum(axis=(0, 2, 3)) / len(x)",
        "print(dw, db)",
      ];
    default:
      return [
        `dxp = np.zeros((${e.n}, ${e.c}, ${e.h + 2 * p}, ${e.w + 2 * p}), np.float32)`,
        ...loop('dxp[:, :, rows, columns] += np.einsum("nkhw,kc->nchw", dy, w[:, :, r, s])'),
        `print(dxp[:, :, ${p}:${p + e.h}, ${p}:${p + e.w}])`,
      ];
  }
}
