// One runner for each path: the same work behind the same two methods, so that the clock sees nothing
// but the work. Tensors are made once; calls write into them and copy nothing.
import type { Algorithm, Conv2dAlgorithm, ConvGrad, PlainTensor, Tensor } from "convgrad";
import * as plainConv from "../../plain/conv2d.ts";
import * as plainPool from "../../plain/pool2d.ts";
import { elements } from "./geometry.ts";
import type { Pass, Path, Settings } from "./settings.ts";
import type { Workload } from "./workload.ts";

export type ResultName = "y" | "indices" | "dx" | "dw" | "db";
export type AnyTensor = PlainTensor | PlainTensor<Int32Array>;
export type Results = Partial<Record<ResultName, AnyTensor>>;

export interface Runner {
  forward(): void;
  /** For max pooling after forward() at least once: it needs the indices. */
  backward(): void;
  /** Copies of what the passes gave. */
  results(passes: readonly Pass[]): Results;
  dispose(): void;
}

/** @throws ConvGradError as the package's calls do */
export function makeRunner(path: Path, cg: ConvGrad, work: Workload): Runner {
  if (path === "plain") return plainRunner(work);
  return work.settings.operation === "conv2d"
    ? convolutionRunner(path, cg, work)
    : poolingRunner(path as Algorithm, cg, work);
}

/** Which results a pass of an operation gives. */
export function resultsOf(operation: Settings["operation"], pass: Pass): readonly ResultName[] {
  if (pass === "forward") return operation === "maxPool2d" ? ["y", "indices"] : ["y"];
  return operation === "conv2d" ? ["dx", "dw", "db"] : ["dx"];
}

function convolutionRunner(algorithm: Conv2dAlgorithm, cg: ConvGrad, work: Workload): Runner {
  const { settings } = work;
  const w = work.w as PlainTensor;
  const b = work.b as PlainTensor;
  const kept = new Keeper(cg);
  return kept.guard(() => {
    const x = kept.tensor(work.x);
    const filters = kept.tensor(w);
    const bias = kept.tensor(b);
    const dy = kept.tensor(work.dy);
    const y = kept.zeros(work.dy.shape);
    const out = { dx: kept.zeros(work.x.shape), dw: kept.zeros(w.shape), db: kept.zeros(b.shape) };
    const { stride, padding, dilation, groups, reduction } = settings;
    const options = { stride, padding, dilation, groups, algorithm };
    const forwardOptions = { ...options, bias, out: y };
    const backwardOptions = { ...options, reduction, out };
    return {
      forward: () => void cg.conv2d(x, filters, forwardOptions),
      backward: () => void cg.conv2dBackward(dy, x, filters, backwardOptions),
      results: (passes) => pick(settings, passes, { y, ...out }),
      dispose: () => kept.dispose(),
    };
  });
}

function poolingRunner(algorithm: Algorithm, cg: ConvGrad, work: Workload): Runner {
  const { settings } = work;
  const kept = new Keeper(cg);
  return kept.guard(() => {
    const x = kept.tensor(work.x);
    const dy = kept.tensor(work.dy);
    const y = kept.zeros(work.dy.shape);
    const dx = kept.zeros(work.x.shape);
    const { kernel, stride, padding, dilation, ceilMode, countIncludePad } = settings;
    const options = { kernel, stride, padding, dilation, ceilMode, algorithm };
    const inputShape = work.x.shape;
    if (settings.operation === "avgPool2d") {
      const mean = { ...options, countIncludePad };
      const forwardOptions = { ...mean, out: y };
      const backwardOptions = { ...mean, out: dx };
      return {
        forward: () => void cg.avgPool2d(x, forwardOptions),
        backward: () => void cg.avgPool2dBackward(dy, inputShape, backwardOptions),
        results: (passes) => pick(settings, passes, { y, dx }),
        dispose: () => kept.dispose(),
      };
    }
    const indices = kept.integers(work.dy.shape);
    const forwardOptions = { ...options, out: { y, indices } };
    const backwardOptions = { ...options, out: dx };
    return {
      forward: () => void cg.maxPool2d(x, forwardOptions),
      backward: () => void cg.maxPool2dBackward(dy, indices, inputShape, backwardOptions),
      results: (passes) => pick(settings, passes, { y, indices, dx }),
      dispose: () => kept.dispose(),
    };
  });
}

function plainRunner({ settings, x, w, b, dy }: Workload): Runner {
  const zeros = (shape: readonly number[]): PlainTensor => ({
    shape,
    data: new Float32Array(elements(shape)),
  });
  const y = zeros(dy.shape);
  const dx = zeros(x.shape);
  const dispose = () => {};
  if (w && b) {
    const out = { dx, dw: zeros(w.shape), db: zeros(b.shape) };
    const mean = settings.reduction === "mean";
    return {
      forward: () => plainConv.conv2d(x, w, b, settings, y),
      backward: () => plainConv.conv2dBackward(dy, x, w, settings, mean, out),
      results: (passes) => pick(settings, passes, { y, ...out }),
      dispose,
    };
  }
  if (settings.operation === "avgPool2d") {
    return {
      forward: () => plainPool.avgPool2d(x, settings, y),
      backward: () => plainPool.avgPool2dBackward(dy, settings, dx),
      results: (passes) => pick(settings, passes, { y, dx }),
      dispose,
    };
  }
  const indices = { shape: dy.shape, data: new Int32Array(elements(dy.shape)) };
  return {
    forward: () => plainPool.maxPool2d(x, settings, y, indices),
    backward: () => plainPool.maxPool2dBackward(dy, indices, dx),
    results: (passes) => pick(settings, passes, { y, indices, dx }),
    dispose,
  };
}

function pick(settings: Settings, passes: readonly Pass[], all: Results): Results {
  const picked: Results = {};
  for (const name of passes.flatMap((pass) => resultsOf(settings.operation, pass))) {
    const tensor = all[name];
    if (tensor) picked[name] = { shape: [...tensor.shape], data: tensor.data.slice() } as AnyTensor;
  }
  return picked;
}

/** Resident tensors with one end. */
class Keeper {
  readonly #cg: ConvGrad;
  readonly #tensors: { dispose(): void }[] = [];

  constructor(cg: ConvGrad) {
    this.#cg = cg;
  }

  /** What `make` gives; where it throws, what it took is given back. */
  guard<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  tensor({ shape, data }: PlainTensor): Tensor {
    const tensor = this.#cg.tensor(shape, data);
    this.#tensors.push(tensor);
    return tensor;
  }

  zeros(shape: readonly number[]): Tensor {
    const tensor = this.#cg.tensor(shape);
    this.#tensors.push(tensor);
    return tensor;
  }

  integers(shape: readonly number[]): Tensor<Int32Array> {
    const tensor = this.#cg.tensor(shape, new Int32Array(elements(shape)));
    this.#tensors.push(tensor);
    return tensor;
  }

  dispose(): void {
    for (const tensor of this.#tensors.splice(0)) tensor.dispose();
  }
}
