import { describe, refuse } from "./errors.js";

/** Relative to the page or worker; without one, only an address in full can be understood. */
export function resolveAddress(wasmUrl: unknown): URL {
  if (typeof wasmUrl !== "string" && !(wasmUrl instanceof URL)) {
    refuse("bad-argument", "load", "wasmUrl", describe(wasmUrl), "a string or a URL");
  }
  try {
    return new URL(wasmUrl, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    refuse("bad-argument", "load", "wasmUrl", describe(wasmUrl), "an address");
  }
}
