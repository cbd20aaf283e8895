import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "5. Pooling, forward and backward",
  what: "Max pooling takes the largest of all elements in the window, mean pooling their mean, and passes it to the next feature map. A pooling layer has no parameters to learn; it only hands the error back.",
  back: "In max pooling the residual goes back to where the maximum was, and all other places get 0; of several equal maxima the first is taken. In mean pooling the residual is shared equally among the places of the window.",
  overlap:
    "Usually the stride is the size of the window. With stride 1 the windows overlap, and a place gets several residuals, which have to be added (+=); with = only the last is left. Padding is a place without a number: the maximum starts from −∞, and if padding counted as 0, windows of negative numbers would come out wrong.",
  aims: "What pooling is for: a wider view, fewer dimensions, tolerance of shifts (slight disturbances do not change the output), and pictures of one size. The picture below lets you test the first three.",
  kind: "Pooling",
  max: "max pooling",
  mean: "mean pooling",
  size: "window size",
  ties: "{{count}} elements tie for the maximum of a window: there the gradient has more than one value, and the check leaves it out; the residual goes to the first.",
  picture: "On a picture",
  shift: "pixels moved to the right",
  changed:
    "The picture moved to the right by {{shift}} px: before pooling {{before}} of the numbers change visibly, after pooling to {{side}}×{{side}} it is {{after}}.",
};
