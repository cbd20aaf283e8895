import type { ConvGrad } from "convgrad";
import { workBatch } from "./batch.ts";
import { workFormulas } from "./formulas.ts";
import { workPadding } from "./padding.ts";
import { workPooling } from "./pooling.ts";
import { workSingle } from "./single.ts";
import type { Worked } from "./worked.ts";

/** Every worked example of the chapter, computed through the package. */
export function workAll(cg: ConvGrad): readonly Worked[] {
  return [workFormulas, workPadding, workSingle, workBatch, workPooling].map((work) => work(cg));
}
