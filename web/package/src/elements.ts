// Typed arrays of a caller, asked by the intrinsic functions of the language: what an array says of itself
// can be overwritten, and its prototype be borrowed by what is none. These hold across realms, too.

/** The elements of a tensor. */
export type Elements = Float32Array | Int32Array;

const typedArray = Object.getPrototypeOf(Int8Array.prototype) as Uint8Array;

function getter<T>(key: PropertyKey): (view: unknown) => T {
  const get = Object.getOwnPropertyDescriptor(typedArray, key)?.get as () => T;
  return (view) => get.call(view);
}

/** The name of its type, or undefined for what is no typed array. */
const typeOf = getter<string | undefined>(Symbol.toStringTag);
/** Elements within its buffer now: none once that is detached, or too short for it. */
export const lengthOf = getter<number>("length");
export const bufferOf = getter<ArrayBufferLike>("buffer");
export const byteOffsetOf = getter<number>("byteOffset");

const setElements = typedArray.set;

export function isFloat32Array(value: unknown): value is Float32Array {
  return typeOf(value) === "Float32Array";
}

export function isInt32Array(value: unknown): value is Int32Array {
  return typeOf(value) === "Int32Array";
}

/** Copies `from` into `to`, which is as long. */
export function copyElements(to: Elements, from: Elements): void {
  setElements.call(to as unknown as Uint8Array, from as unknown as Uint8Array);
}
