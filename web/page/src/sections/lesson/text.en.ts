import type { Words } from "../../i18n/words.ts";
import { en as dw } from "./dw/text.en.ts";
import { en as dx } from "./dx/text.en.ts";
import { en as forward } from "./forward/text.en.ts";
import { en as img2col } from "./img2col/text.en.ts";
import { en as learn } from "./learn/text.en.ts";
import { en as pooling } from "./pooling/text.en.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "Lesson",
  lead: "Through the chapter step by step: open any number to see what it is made of and where it is used; change the inputs, or break things on purpose.",
  failed: "This section could not be computed.",
  formulas: "Formulas",
  reset: "Start over",
  extents: "Extents",
  extent: {
    n: "batch N",
    c: "channels C",
    h: "input height H",
    w: "input width W",
    k: "filters K",
    r: "kernel height R",
    s: "kernel width S",
    stride: "stride",
    padding: "padding",
    dilation: "dilation",
  },
  figure: {
    hint: "Point at a number, touch it or reach it with the arrow keys; click to pin it. Numbers of matrices marked “editable” can be changed: pin one, or just type.",
    editable: "editable",
    given: "(given)",
    zero: "(a zero put there)",
    used: "goes into {{cells}}",
    unpin: "Unpin",
    edit: "Change {{name}}",
  },
  player: {
    title: "Player: {{label}}",
    first: "To the start",
    back: "One step back",
    play: "Play",
    pause: "Pause",
    next: "One step on",
    at: "step {{step}} of {{count}}",
  },
  copy: {
    as: "Copy as",
    link: "Copy a link to this",
    copied: "copied",
    select: "the browser does not let the page copy: select the text below",
  },
  picture: {
    choose: "Use a picture of your own",
    unreadable: "The browser cannot read this picture.",
  },
  breakIt: {
    title: "Break it on purpose",
    noRot180: "no rot180",
    noMean: "no ÷ batch",
    zeroPadding: "padding 0 instead of −∞",
    assign: "= instead of +=",
    check: "Numerical gradient check",
    passes: "equals the numerical gradient, largest difference {{difference}}",
    fails:
      "differs from the numerical gradient: {{count}} wrong, largest difference {{difference}}",
    about:
      "Move each number by a small ε up and down and compute forward again: the change of the loss, (J(v+ε) − J(v−ε)) / 2ε, has to be the gradient.",
  },
  forward,
  dx,
  dw,
  img2col,
  pooling,
  learn,
};
