import {
  bufferOf,
  byteOffsetOf,
  copyElements,
  type Elements,
  isFloat32Array,
  isInt32Array,
  lengthOf,
} from "./elements.js";
import { Status } from "./engine.js";
import { asRefusal, ConvGradError, describe, type ErrorCode, refuse } from "./errors.js";
import { ELEMENT_BYTES, type Memory } from "./memory.js";
import { checkExtents, elementCount, readShape, sameShape } from "./shapes.js";
import { type PlainTensor, Tensor } from "./tensor.js";

const asUsual: Expected = Object.freeze({});
const none: readonly number[] = Object.freeze([]);

/** As the bindings align everything they allocate. */
const ALIGNMENT = 16;

type AnyTensor = Tensor<Elements> | PlainTensor<Elements>;

/** One tensor of a call, and where the kernel finds it. */
export class Operand {
  /** In wasm memory; 0 before place(), and for what the kernel does not get. */
  address = 0;
  /** Offset in the staging buffer, or -1 for what is not staged. */
  staged = -1;
  /** Whether the call makes it, and has to take it back when it fails. */
  readonly made: boolean;

  constructor(
    readonly name: string,
    readonly role: "in" | "out" | "unread",
    readonly shape: readonly number[],
    readonly count: number,
    readonly integers: boolean,
    /** The caller's object; of a result that is to be made, null until place(). */
    public holder: AnyTensor | null = null,
    /** The elements on JavaScript's side; null in a resident tensor. */
    public array: Elements | null = null,
    /** Where that array begins, should it be a view of the module's own memory; else -1. */
    readonly own = -1,
  ) {
    this.made = holder === null;
  }
}

/** How an argument is to be. */
export interface Expected {
  /** The first extent may be 0. */
  readonly batch?: boolean;
  readonly integers?: boolean;
  /** Whether the kernel reads it; else it is checked and stays where it is. Default true. */
  readonly read?: boolean;
}

/**
 * Makes an operation of a function that describes one call of it. Whatever goes wrong in it, until the
 * operands are in place and the caller's own code cannot run any more, is a refusal.
 */
export function operation<A extends readonly unknown[], R>(
  op: string,
  run: (call: Call, ...args: A) => R,
): (memory: Memory, ...args: A) => R {
  return (memory, ...args) => {
    const call = new Call(memory, op);
    try {
      return run(call, ...args);
    } catch (error) {
      call.undo();
      throw call.placed ? error : asRefusal(op, error);
    }
  };
}

/**
 * One call of an operation, in three steps: name the operands (everything is checked here, and
 * nothing changed), place() them in wasm memory, and, when the kernel has answered, finish().
 * A refusal at any step leaves everything as it was before the call, by undo().
 */
export class Call {
  readonly op: string;
  readonly memory: Memory;
  placed = false;
  readonly #operands: Operand[] = [];
  #residentInputs = true;

  constructor(memory: Memory, op: string) {
    memory.assertLive(op);
    this.memory = memory;
    this.op = op;
  }

  /** An argument of `rank` extents, each at least 1. */
  input(name: string, value: unknown, rank: number, expected: Expected = asUsual): Operand {
    const { batch = false, integers = false, read = true } = expected;
    const operand = this.#given(name, value, rank, batch, integers, read ? "in" : "unread");
    if (!(operand.holder instanceof Tensor)) this.#residentInputs = false;
    return operand;
  }

  /**
   * A result of this shape: written to `out` if given, else made; resident if every input is. Name
   * all inputs first.
   */
  output(name: string, shape: readonly number[], out: unknown, integers = false): Operand {
    if (out === undefined) {
      const count = elementCount(this.op, name, shape);
      const operand = new Operand(name, "out", shape, count, integers);
      this.#operands.push(operand);
      return operand;
    }
    elementCount(this.op, name, shape);
    const operand = this.#given(name, out, shape.length, true, integers, "out");
    if (!sameShape(operand.shape, shape)) {
      const was = describe(operand.shape);
      refuse("shape-mismatch", this.op, `${name}.shape`, was, describe(shape));
    }
    for (const other of this.#operands) {
      if (other !== operand && this.#overlap(operand, other)) {
        const was = `in the same memory as ${other.name}`;
        refuse("bad-argument", this.op, name, was, "memory of its own");
      }
    }
    return operand;
  }

  /**
   * Makes the results, gives every operand its address, copies plain inputs there, and writes down the
   * parameters that the kernel's function reads.
   */
  place(parameters: readonly number[] = none): void {
    this.#assertUnchanged();
    let bytes = 0;
    for (const operand of this.#operands) {
      if (operand.role === "unread") continue;
      if (operand.holder === null) this.#make(operand);
      if (operand.holder instanceof Tensor) {
        operand.address = operand.holder.address(this.op, operand.name);
      } else if (operand.own >= 0) {
        operand.address = operand.own;
      } else if (operand.count > 0) {
        operand.staged = bytes;
        bytes += Math.ceil((operand.count * ELEMENT_BYTES) / ALIGNMENT) * ALIGNMENT;
      }
    }
    if (bytes > 0) this.#stage(bytes);
    this.memory.writeParameters(parameters);
    this.placed = true;
  }

  /**
   * Takes the kernel's answer: copies results that JavaScript owns, or throws. `wrong` says what a
   * kernel's "bad-argument" means in this operation.
   */
  finish(status: number, wrong = "its arguments"): void {
    if (status !== Status.ok) throw this.#failure(status, wrong);
    for (const operand of this.#operands) {
      if (operand.role === "out" && operand.staged >= 0 && operand.array) {
        copyElements(operand.array, this.#elements(operand));
      }
    }
  }

  /** Takes the results back that the call has made. */
  undo(): void {
    for (const operand of this.#operands) {
      if (operand.made && operand.holder instanceof Tensor) operand.holder.dispose();
    }
  }

  /**
   * Since an operand was checked, the caller's own code may have run: a getter of an option, say. What
   * that disposes of or detaches is found here, after which nothing of the caller's runs any more.
   */
  #assertUnchanged(): void {
    this.memory.assertLive(this.op);
    for (const { name, array, count, holder } of this.#operands) {
      if (holder instanceof Tensor) holder.address(this.op, name);
      if (array !== null && lengthOf(array) !== count) {
        const was = `of length ${lengthOf(array)} now`;
        refuse("bad-argument", this.op, `${name}.data`, was, `${count}, as when it was checked`);
      }
    }
  }

  /** An argument or an `out`: a resident tensor of this instance, or a plain one. */
  #given(
    name: string,
    value: unknown,
    rank: number,
    batch: boolean,
    integers: boolean,
    role: Operand["role"],
  ): Operand {
    const { op } = this;
    const least = batch ? 0 : 1;
    const type = integers ? "Int32Array" : "Float32Array";
    let operand: Operand;
    if (value instanceof Tensor) {
      value.address(op, name);
      if (value.memory !== this.memory) {
        const expected = "a tensor of the same instance, or a plain one";
        refuse("bad-argument", op, name, "a tensor of another instance", expected);
      }
      if (value.integers !== integers) {
        const was = value.integers ? "a tensor of int32" : "a tensor of float32";
        refuse("bad-argument", op, name, was, integers ? "one of int32" : "one of float32");
      }
      checkExtents(op, name, value.shape, rank, least);
      operand = new Operand(name, role, value.shape, value.count, integers, value);
    } else {
      if (typeof value !== "object" || value === null) {
        const expected = `a tensor or { data: ${type}, shape }`;
        refuse("bad-argument", op, name, describe(value), expected);
      }
      const plain = value as Partial<PlainTensor<Elements>>;
      const { shape: givenShape, data } = plain;
      const shape = readShape(op, `${name}.shape`, givenShape, rank, least, 1);
      const count = elementCount(op, name, shape);
      const typed = integers ? isInt32Array(data) : isFloat32Array(data);
      if (data === undefined || !typed) {
        const article = integers ? "an" : "a";
        refuse("bad-argument", op, `${name}.data`, describe(data), `${article} ${type}`);
      }
      const length = lengthOf(data);
      if (length !== count) {
        const expected = `${count}, as ${name}.shape ${describe(shape)} says`;
        refuse("shape-mismatch", op, `${name}.data.length`, String(length), expected);
      }
      const own = this.memory.addressOf(data);
      if (own >= 0 && count > 0 && !this.memory.inTensor(own, count)) {
        const was = "a view of the module's memory where no tensor is";
        refuse("disposed", op, `${name}.data`, was, "a view of one tensor");
      }
      const holder = plain as PlainTensor<Elements>;
      operand = new Operand(name, role, shape, count, integers, holder, data, own);
    }
    this.#operands.push(operand);
    return operand;
  }

  #make(operand: Operand): void {
    const { shape, count, integers } = operand;
    if (this.#residentInputs) {
      const address = this.memory.allocate(count, false);
      if (address < 0) throw this.#outOfMemory(`for ${operand.name} ${describe(shape)}`);
      operand.holder = new Tensor(this.memory, shape, count, integers, address);
      return;
    }
    try {
      operand.array = integers ? new Int32Array(count) : new Float32Array(count);
    } catch (cause) {
      throw this.#outOfMemory(`for ${operand.name} ${describe(shape)}`, cause);
    }
    operand.holder = { data: operand.array, shape: [...shape] };
  }

  #stage(bytes: number): void {
    // Beyond 32 bits the number would be cast to a small one.
    const base = bytes < 2 ** 32 ? this.memory.engine.stage(bytes) : 0;
    if (base === 0)
      throw this.#outOfMemory(`to copy ${bytes} bytes of plain arguments and results`);
    for (const operand of this.#operands) {
      if (operand.staged < 0) continue;
      operand.address = base + operand.staged;
      if (operand.role === "in" && operand.array) {
        copyElements(this.#elements(operand), operand.array);
      }
    }
  }

  #elements(operand: Operand): Elements {
    return operand.integers
      ? this.memory.integers(operand.address, operand.count)
      : this.memory.floats(operand.address, operand.count);
  }

  #overlap(a: Operand, b: Operand): boolean {
    if (a.count === 0 || b.count === 0) return false;
    const startA = this.#start(a);
    const startB = this.#start(b);
    if (startA >= 0 && startB >= 0) return meet(startA, a.count, startB, b.count);
    if (!a.array || !b.array || bufferOf(a.array) !== bufferOf(b.array)) return false;
    return meet(byteOffsetOf(a.array), a.count, byteOffsetOf(b.array), b.count);
  }

  /** Where a given operand lies in wasm memory, or -1. */
  #start(operand: Operand): number {
    return operand.holder instanceof Tensor
      ? operand.holder.address(this.op, operand.name)
      : operand.own;
  }

  #failure(status: number, wrong: string): ConvGradError {
    switch (status) {
      case Status.shapeMismatch:
        return this.#error("shape-mismatch", "the module counts other output extents");
      case Status.badArgument:
        return this.#error("bad-argument", wrong);
      case Status.emptyOutput:
        return this.#error("empty-output", "the window does not fit into the padded input");
      case Status.tooLarge:
        return this.#error("too-large", "the padded input or a workspace cannot be addressed");
      default:
        return this.#outOfMemory("for intermediate results");
    }
  }

  #error(code: ErrorCode, message: string): ConvGradError {
    return new ConvGradError(code, `${this.op}: ${message}`);
  }

  #outOfMemory(what: string, cause?: unknown): ConvGradError {
    const { tensorBytes: tensors } = this.memory;
    const message = `${this.op}: no memory ${what}; ${tensors} bytes of tensors are live`;
    return new ConvGradError("out-of-memory", message, { cause });
  }
}

function meet(startA: number, countA: number, startB: number, countB: number): boolean {
  return startA < startB + countB * ELEMENT_BYTES && startB < startA + countA * ELEMENT_BYTES;
}
