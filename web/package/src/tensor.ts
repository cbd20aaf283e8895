/// <reference lib="esnext.disposable" preserve="true" />
import { copyElements, isFloat32Array, isInt32Array, lengthOf } from "./elements.js";
import { ConvGradError, describe, guard, refuse } from "./errors.js";
import type { Memory } from "./memory.js";
import { elementCount, readShape } from "./shapes.js";

/** A tensor owned by JavaScript: contiguous, the last extent runs fastest. */
export interface PlainTensor<A extends Float32Array | Int32Array = Float32Array> {
  /** Exactly as many elements as the shape says. */
  readonly data: A;
  /** The extents, outermost first. */
  readonly shape: readonly number[];
}

// Engines without explicit resource management get the key that compilers' helpers fall back to.
export const disposeKey: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

/** Frees what nobody can reach any more and nobody has disposed of: the last net, not the way to do it. */
const abandoned = new FinalizationRegistry<{ readonly memory: Memory; readonly address: number }>(
  ({ memory, address }) => memory.release(address),
);

/**
 * A tensor in wasm memory: calls on resident tensors copy nothing. Made by `cg.tensor()` and by
 * calls whose tensor arguments were all resident; belongs to the instance that made it, and takes
 * memory there until `dispose()`; one that is forgotten, until the garbage collector comes by.
 */
export class Tensor<A extends Float32Array | Int32Array = Float32Array> implements PlainTensor<A> {
  /** The extents, outermost first. */
  readonly shape: readonly number[];
  /** @internal */
  readonly integers: boolean;
  /** @internal */
  readonly count: number;
  /** @internal */
  readonly memory: Memory;
  #address: number;

  /**
   * Takes over what `memory.allocate(count)` gave.
   * @internal
   */
  constructor(
    memory: Memory,
    shape: readonly number[],
    count: number,
    integers: boolean,
    address: number,
  ) {
    this.shape = Object.freeze(shape.slice());
    this.integers = integers;
    this.count = count;
    this.memory = memory;
    this.#address = address;
    if (count > 0) abandoned.register(this, { memory, address }, this);
  }

  /**
   * A view of the elements, made anew at each access: reading and writing it reads and writes the
   * tensor. Do not keep it: any later call may grow the wasm memory, and then it goes dead.
   * @throws ConvGradError "disposed"
   */
  get data(): A {
    const address = this.address("tensor", "data");
    const view = this.integers
      ? this.memory.integers(address, this.count)
      : this.memory.floats(address, this.count);
    return view as Float32Array | Int32Array as A;
  }

  /** Gives the memory back. A second time does nothing. */
  dispose(): void {
    if (this.#address < 0) return;
    if (this.count > 0) {
      this.memory.release(this.#address);
      abandoned.unregister(this);
    }
    this.#address = -1;
  }

  /** `using t = cg.tensor(…)` disposes of it at the end of the block. */
  [disposeKey](): void {
    this.dispose();
  }

  /**
   * Where the elements are, on behalf of an operation's argument.
   * @internal
   */
  address(op: string, argument: string): number {
    if (this.#address < 0) {
      throw new ConvGradError("disposed", `${op}: ${argument} is a tensor that has been disposed`);
    }
    this.memory.assertLive(op);
    return this.#address;
  }
}

/** Implements `cg.tensor`: zeros, or a copy of data. */
export function makeTensor(
  memory: Memory,
  givenShape: unknown,
  data: unknown,
): Tensor<Float32Array> | Tensor<Int32Array> {
  memory.assertLive("tensor");
  const shape = guard("tensor", () => readShape("tensor", "shape", givenShape));
  // What reads the shape may be the caller's own, and dispose of the instance.
  memory.assertLive("tensor");
  const count = elementCount("tensor", "shape", shape);
  const integers = isInt32Array(data);
  if (data !== undefined && !integers && !isFloat32Array(data)) {
    refuse("bad-argument", "tensor", "data", describe(data), "a Float32Array or an Int32Array");
  }
  if (data !== undefined && lengthOf(data) !== count) {
    const expected = `${count}, as shape ${describe(shape)} says`;
    refuse("shape-mismatch", "tensor", "data.length", String(lengthOf(data)), expected);
  }
  // Data may be a view of this very memory, and that goes dead if the allocation grows it.
  const source = data === undefined ? -1 : memory.addressOf(data);
  const address = memory.allocate(count, data === undefined);
  if (address < 0) {
    throw new ConvGradError(
      "out-of-memory",
      `tensor: no memory for ${describe(shape)}; ${memory.tensorBytes} bytes of tensors are live`,
    );
  }
  if (integers) {
    const from = source < 0 ? data : memory.integers(source, count);
    copyElements(memory.integers(address, count), from);
    return new Tensor<Int32Array>(memory, shape, count, true, address);
  }
  if (data !== undefined) {
    const from = source < 0 ? data : memory.floats(source, count);
    copyElements(memory.floats(address, count), from);
  }
  return new Tensor<Float32Array>(memory, shape, count, false, address);
}
