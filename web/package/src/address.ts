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

/**
 * A file of this package, by the address that it has beside the script that asks for it. Vite before
 * version 8 serves packages in development from a cache of their scripts, where the other files are not.
 */
export function packageFile(address: URL): URL {
  const cache = /\/node_modules\/\.vite\/deps\/(?=[^/]*$)/;
  return new URL(address.href.replace(cache, "/node_modules/convgrad/dist/"));
}
