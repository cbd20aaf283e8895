// What a section shows, as programs for other libraries: the same numbers, the same operation.
import type { Code } from "./CopyRow.tsx";

export interface Given {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** Whether PyTorch is to find its gradient. */
  readonly graded?: boolean;
}

type Lines = readonly string[];

export const tuple = (shape: readonly number[]) =>
  `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** A program in each dialect: what it needs, the given tensors, and then its own lines. */
export function programs(
  given: readonly Given[],
  lines: { readonly numpy: Lines; readonly torch: Lines; readonly convgrad: Lines },
): Code {
  const numbers = ({ data }: Given) =>
    Array.from(data, (value) => Number(value.toPrecision(7))).join(", ");
  const program = (head: Lines, declare: (tensor: Given) => string, body: Lines) =>
    [...head, "", ...given.map(declare), "", ...body].join("\n");
  return {
    NumPy: program(
      ["import numpy as np"],
      (tensor) =>
        `${tensor.name} = np.array([${numbers(tensor)}], dtype=np.float32).reshape${tuple(tensor.shape)}`,
      lines.numpy,
    ),
    PyTorch: program(
      ["import torch", "import torch.nn.functional as F"],
      (tensor) =>
        `${tensor.name} = torch.tensor([${numbers(tensor)}], dtype=torch.float32).reshape${tuple(tensor.shape)}${tensor.graded ? ".requires_grad_()" : ""}`,
      lines.torch,
    ),
    convgrad: program(
      ['import { load } from "convgrad";', "const cg = await load();"],
      (tensor) =>
        `const ${tensor.name} = { shape: [${tensor.shape.join(", ")}], data: Float32Array.of(${numbers(tensor)}) };`,
      lines.convgrad,
    ),
  };
}
