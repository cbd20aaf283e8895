import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "3. The gradients of weights and bias, dW and dB",
  weights:
    "The input data multiplied with the incoming error matrix give the gradient of the kernel: in every output a weight was multiplied with one input; multiply each of these inputs with the δ of its output, and add up. That is the convolution of the input with the error; where the forward pass has padding, zeros are first put around the input.",
  bias: "The bias is added to every output, so dB is the sum of all δ_in.",
  batch:
    'The gradients of the samples of a batch are added and then divided by batch_size, their mean (MeanGrads). convgrad does so for reduction: "mean"; δ_out is never divided.',
};
