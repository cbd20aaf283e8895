// What the engine can run, found out by asking it to validate the smallest module that needs it.
//
// Both modules hold one function. Their bytes, section by section: the header; a type; one function of
// that type; its body.

// (func (param v128) (result v128) (f32x4.abs (local.get 0)))
const simdProbe = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0xfd, 0xe0, 0x01, 0x0b],
]);

// (func (param v128 v128 v128) (result v128)
//   (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
const relaxedSimdProbe = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00],
  ...[0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
]);

/** Whether there is WebAssembly with 128-bit SIMD, which both builds need. */
export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(simdProbe);
}

/** Whether there is relaxed SIMD as well. */
export function hasRelaxedSimd(): boolean {
  return hasSimd() && WebAssembly.validate(relaxedSimdProbe);
}

/** Whether a module may be compiled at all: a page's Content-Security-Policy can forbid it. */
export async function mayCompile(): Promise<boolean> {
  try {
    await WebAssembly.compile(simdProbe);
    return true;
  } catch {
    return false;
  }
}
