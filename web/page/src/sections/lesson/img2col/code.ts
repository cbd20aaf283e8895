// The matrices that the figure shows, as programs.
import type { Code } from "../CopyRow.tsx";
import { shapesOf } from "../convolution.ts";
import { programs, tuple } from "../program.ts";
import type { State } from "./model.ts";

export function img2colCode({ extents: e, numbers, pass }: State): Code {
  const shapes = shapesOf(e);
  const [n, k, oh, ow] = shapes.dy;
  const forward = pass === "forward";
  const names = forward ? (["x", "w"] as const) : (["x", "w", "dy"] as const);
  const given = names.map((name) => ({ name, shape: shapes[name], data: numbers[name] }));
  const { padding: p, stride, dilation } = e;
  const slice = (index: string, kernel: number) =>
    `slice(${index} * ${stride}, ${index} * ${stride} + ${dilation * (kernel - 1) + 1}, ${dilation})`;
  const window = `:, ${slice("i", e.r)}, ${slice("j", e.s)}`;
  const positions = tuple([n, oh, ow]);
  const padded = tuple([n, e.c, e.h + 2 * p, e.w + 2 * p]);
  const unfold = `(${e.r}, ${e.s}), dilation=${dilation}, padding=${p}, stride=${stride}`;
  const back = [
    `dy_2d = dy.transpose(0, 2, 3, 1).reshape(-1, ${k})`,
    `dw = (col_x.T @ dy_2d / ${n}).T.reshape(w.shape)`,
    "dcol = dy_2d @ col_w.T",
  ];
  return programs(given, {
    numpy: [
      `xp = np.pad(x, ((0, 0), (0, 0), (${p}, ${p}), (${p}, ${p})))`,
      `col_x = np.array([xp[n, ${window}].ravel() for n, i, j in np.ndindex${positions}])`,
      `col_w = w.reshape(${k}, -1).T`,
      ...(forward
        ? [
            `z = (col_x @ col_w).reshape(${n}, ${oh}, ${ow}, ${k}).transpose(0, 3, 1, 2)`,
            "print(col_x, z)",
          ]
        : [
            ...back,
            `dxp = np.zeros(${padded}, np.float32)`,
            `for row, (n, i, j) in zip(dcol, np.ndindex${positions}):`,
            `    dxp[n, ${window}] += row.reshape(${e.c}, ${e.r}, ${e.s})`,
            `print(dw, dcol, dxp[:, :, ${p}:${p + e.h}, ${p}:${p + e.w}])`,
          ]),
    ],
    torch: [
      `col_x = F.unfold(x, ${unfold}).transpose(1, 2).flatten(0, 1)`,
      `col_w = w.reshape(${k}, -1).T`,
      ...(forward
        ? [
            `z = (col_x @ col_w).reshape(${n}, ${oh}, ${ow}, ${k}).permute(0, 3, 1, 2)`,
            "print(col_x, z)",
          ]
        : [
            ...back.map((line) => line.replace("transpose(", "permute(")),
            `dx = F.fold(dcol.reshape(${n}, ${oh * ow}, -1).transpose(1, 2), (${e.h}, ${e.w}), ${unfold})`,
            "print(dw, dcol, dx)",
          ]),
    ],
    convgrad: [
      `const window = { stride: ${stride}, padding: ${p}, dilation: ${dilation} };`,
      'const o = { ...window, algorithm: "im2col" };',
      ...(forward
        ? [
            `const colX = cg.im2col(x, { ...window, kernel: [${e.r}, ${e.s}] });`,
            "console.log(colX.data, cg.conv2d(x, w, o).data);",
          ]
        : [
            'const { dx, dw } = cg.conv2dBackward(dy, x, w, { ...o, reduction: "mean" });',
            "console.log(dw.data, dx.data);",
          ]),
    ],
  });
}
