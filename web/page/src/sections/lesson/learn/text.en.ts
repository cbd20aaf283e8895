import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "6. Learn a kernel",
  what: "Given only a picture and what a filter made of it, can the kernel be found? Start with W all 0, compute forward, take the difference of the result Z and the target T as the error δ_in that comes back, find dW, and move W against the gradient.",
  how: "dW alone is used: step by step W becomes that kernel, W*; drag back to look at any step again. Every pixel, every weight and the learning rate can be changed. A learning rate η too small is slow; one too large diverges, and then it stops and says so.",
  kernel: "The kernel to find",
  edge: "edges 3×3",
  sobel: "Sobel",
  blur: "blur",
  rate: "learning rate η",
  run: "Train",
  state:
    "step {{steps}}: loss J = {{loss}}, largest difference from the kernel to find {{distance}}",
  diverged:
    "It diverged: the learning rate {{rate}} is too large, the loss grew and grew, and it was stopped. Choose a smaller one, start over and try again.",
  curve: "Loss curve: {{loss}} after {{steps}} steps",
  steps: "Steps of the training",
  mean: "no ÷ m",
  add: "dW never cleared: += instead of =",
};
