/**
 * What was wrong:
 * - `"shape-mismatch"`: extents of two arguments, or of data and its shape, contradict each other
 * - `"bad-argument"`: a value of the wrong type or out of its range, or an option that does not exist
 * - `"empty-output"`: the window does not fit into the padded input
 * - `"too-large"`: a tensor of more than 2³¹ − 1 bytes
 * - `"out-of-memory"`: there is no memory left for a result or an intermediate one
 * - `"disposed"`: a tensor or an instance used after its `dispose()`
 * - `"unsupported-engine"`: no WebAssembly, no SIMD, or no relaxed SIMD where it was asked for
 */
export type ErrorCode =
  | "shape-mismatch"
  | "bad-argument"
  | "empty-output"
  | "too-large"
  | "out-of-memory"
  | "disposed"
  | "unsupported-engine";

/** The one error of this package. When it is thrown, nothing has been written and nothing leaks. */
export class ConvGradError extends Error {
  /** Stable: for programs to tell errors apart, while `message` is for people. */
  readonly code: ErrorCode;

  /**
   * For programs that wish to refuse in the same way.
   * @param code what was wrong
   * @param message the argument, what it was, and what was expected
   * @param options `cause`, where another error was the reason
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConvGradError";
    this.code = code;
  }
}

/** A value as an error message shows it: short, and never the contents of large data. */
export function describe(value: unknown): string {
  try {
    return describeReadable(value);
  } catch {
    // A revoked proxy, say.
    return "an object that cannot be read";
  }
}

function describeReadable(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      break;
    default:
      return String(value);
  }
  if (Array.isArray(value)) {
    const shown = Array.from({ length: Math.min(value.length, 8) }, (_, i) =>
      Array.isArray(value[i]) ? "[…]" : describe(value[i]),
    );
    if (value.length > shown.length) shown.push("…");
    return `[${shown.join(", ")}]`;
  }
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (name === "Object") return "an object";
  const article = /^[AEIOU]/.test(name) ? "an" : "a";
  return ArrayBuffer.isView(value) && "length" in value
    ? `${article} ${name} of ${value.length}`
    : `${article} ${name}`;
}

/** The one way to refuse: `<op>: <argument> is <what it was>; expected <what would do>`. */
export function refuse(
  code: ErrorCode,
  op: string,
  argument: string,
  was: string,
  expected: string,
): never {
  throw new ConvGradError(code, `${op}: ${argument} is ${was}; expected ${expected}`);
}

/** Runs what reads an argument: an error of the caller's own in it, a getter's say, is a refusal. */
export function guard<T>(op: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw asRefusal(op, cause);
  }
}

export function asRefusal(op: string, cause: unknown): ConvGradError {
  if (cause instanceof ConvGradError) return cause;
  const why = cause instanceof Error ? cause.message : describe(cause);
  return new ConvGradError("bad-argument", `${op}: an argument cannot be read: ${why}`, { cause });
}
