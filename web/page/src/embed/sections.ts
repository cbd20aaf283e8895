import type { ComponentType } from "preact";
import { Dw } from "../sections/lesson/dw/Dw.tsx";
import { Dx } from "../sections/lesson/dx/Dx.tsx";
import { Forward } from "../sections/lesson/forward/Forward.tsx";
import { Img2col } from "../sections/lesson/img2col/Img2col.tsx";
import { Learn } from "../sections/lesson/learn/Learn.tsx";
import { Pooling } from "../sections/lesson/pooling/Pooling.tsx";

export type SectionId = "forward" | "dx" | "dw" | "img2col" | "pooling" | "learn";

export const sections: Readonly<Record<SectionId, ComponentType>> = {
  forward: Forward,
  dx: Dx,
  dw: Dw,
  img2col: Img2col,
  pooling: Pooling,
  learn: Learn,
};
