// What the bench page needs, from four folders, isolated from other origins: the fine timer and
// threads exist only so.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const here = new URL("./", import.meta.url);
const folders = {
  "/package/": new URL("../../dist/", here),
  "/node_modules/": new URL("node_modules/", here),
  "/roofline/": new URL("../../build/roofline/", here),
  "/": new URL("page/", here),
};
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Serves on a free port; ends with `close()`. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const asked = new URL(request.url, "http://localhost").pathname;
    const pathname = asked === "/" ? "/index.html" : asked;
    const prefix = Object.keys(folders).find((start) => pathname.startsWith(start));
    try {
      const file = new URL(`.${pathname.slice(prefix.length - 1)}`, folders[prefix]);
      const content = await readFile(file);
      const type = types[extname(file.pathname)] ?? "application/octet-stream";
      response.writeHead(200, { ...isolation, "Content-Type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
