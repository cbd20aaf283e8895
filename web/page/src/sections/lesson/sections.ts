// The chapter's sections, in its order. A new one is a folder beside these and a line here.
import { dw } from "./dw/Dw.tsx";
import { dx } from "./dx/Dx.tsx";
import { forward } from "./forward/Forward.tsx";
import { img2col } from "./img2col/Img2col.tsx";
import { learn } from "./learn/Learn.tsx";
import { pooling } from "./pooling/Pooling.tsx";

export const sections = [forward, dx, dw, img2col, pooling, learn] as const;
