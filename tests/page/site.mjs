// The built page as a host would serve it.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { preview } from "vite";

const page = fileURLToPath(new URL("../../web/page", import.meta.url));
export const built = path.join(page, "..", "..", "build", "page");

/** Serves build/page with the headers of `npm start` on a free port. */
export async function serve() {
  const server = await preview({
    root: page,
    configFile: path.join(page, "vite.config.ts"),
    logLevel: "error",
    preview: { host: "127.0.0.1", port: 0, open: false },
  });
  const { port } = server.httpServer.address();
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Ends a server at once: a browser opens connections ahead, which it would wait for. */
export function closeHost(server) {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  return closed;
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Serves build/page from a folder, as the plainest of hosts: no headers but the type. */
export async function servePlainly(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = pathname.slice(folder.length).replace(/(^|\/)$/, "$1index.html");
    try {
      if (!pathname.startsWith(folder) || file.includes("..")) throw new Error("elsewhere");
      const content = await readFile(path.join(built, file));
      const type = types[path.extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const close = () => closeHost(server);
  return { url: `http://127.0.0.1:${port}${folder}`, close };
}
