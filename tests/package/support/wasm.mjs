// The module's bytes, and what tests do to them.
import { readFile } from "node:fs/promises";

export const distFile = (name) => new URL(`../../../dist/${name}`, import.meta.url);

export const wasmBytes = (simd = "baseline") => readFile(distFile(`convgrad-${simd}.wasm`));

const PAGE = 65536;

/**
 * The module with a lower limit on its memory, so that a test meets the engine's own refusal to grow
 * without filling gigabytes. The limit is in the memory section, as LEB128 numbers of pages.
 */
export async function limitedTo(bytes) {
  const wasm = new Uint8Array(await wasmBytes());
  let at = 8;
  const number = () => {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = wasm[at++];
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const size = number();
    if (id !== 5) {
      at += size;
      continue;
    }
    const [count, flags] = [number(), number()];
    number();
    const start = at;
    number();
    if (count !== 1 || flags !== 1) throw new Error("expected one memory with a maximum");
    // Written in as many bytes as the old number, so that no section changes its size.
    let pages = Math.floor(bytes / PAGE);
    for (let i = start; i < at; ++i, pages = Math.floor(pages / 128)) {
      wasm[i] = (pages % 128) | (i < at - 1 ? 0x80 : 0);
    }
    return wasm;
  }
  throw new Error("no memory section");
}
