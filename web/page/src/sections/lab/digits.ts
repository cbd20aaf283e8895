// The MNIST digits that the page carries, fetched when they are first wanted.

import { count, height, url, width } from "virtual:digits";
import { signal } from "@preact/signals";

export interface Digits {
  /** Bytes of count·height·width pixels. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** undefined until they are there. */
export const digits = signal<Digits | "failed" | undefined>(undefined);

let asked: Promise<Digits | "failed"> | undefined;

export function fetchDigits(): Promise<Digits | "failed"> {
  asked ??= read().catch((): "failed" => {
    asked = undefined;
    return "failed";
  });
  void asked.then((found) => {
    digits.value = found;
  });
  return asked;
}

async function read(): Promise<Digits> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const area = count * height * width;
  if (bytes.length !== area + count) throw new Error(`${url} is not whole`);
  return { pixels: bytes.subarray(0, area), labels: bytes.subarray(area) };
}

/** Digits first … first + n − 1 as [n, 1, 28, 28] in [0, 1]. */
export function pixelsOf({ pixels }: Digits, first: number, n: number): Float32Array {
  const area = height * width;
  return Float32Array.from(pixels.subarray(first * area, (first + n) * area), (p) => p / 255);
}
