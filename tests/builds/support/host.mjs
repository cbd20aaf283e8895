// The plainest of static hosts: files and their types, and for the host name localhost the two headers
// that isolate a page from other origins.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Serves a folder on a free port; `missing` collects what was asked for and is not there.
 * @param {object} [how] further `headers`; and `change(file, content)`, which gives what is sent
 */
export async function host(folder, { headers = {}, change = (_, content) => content } = {}) {
  const missing = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const file = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const isolating = request.headers.host.startsWith("localhost") ? isolation : {};
    try {
      const content = await readFile(join(folder, file));
      const type = types[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { ...headers, ...isolating, "Content-Type": type });
      response.end(change(file, content));
    } catch {
      missing.push(file);
      response.writeHead(404).end();
    }
  });
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address();
  return {
    missing,
    url: (isolated) => `http://${isolated ? "localhost" : "127.0.0.1"}:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
