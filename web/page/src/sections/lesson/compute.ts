// What the worker computes for each section of the lesson. A new section is a folder and a line here.

import { compute as dw } from "./dw/model.ts";
import { compute as dx } from "./dx/model.ts";
import { compute as forward } from "./forward/model.ts";
import { compute as img2col } from "./img2col/model.ts";
import { compute as learn } from "./learn/model.ts";
import { compute as pooling } from "./pooling/model.ts";
import { compute as poolPicture } from "./pooling/picture.ts";

export const computations = { forward, dx, dw, img2col, pooling, poolPicture, learn };

export type LessonId = keyof typeof computations;
type Computation<I extends LessonId> = (typeof computations)[I];
export type StateOf<I extends LessonId> = Parameters<Computation<I>>[1];
export type ResultOf<I extends LessonId> = ReturnType<Computation<I>>;
