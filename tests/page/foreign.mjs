// A page that is not ours, with elements of ours on it: hostile styles, a strict policy.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { closeHost } from "./site.mjs";

const root = (folder) => fileURLToPath(new URL(folder, import.meta.url));
const types = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "require-trusted-types-for 'script'",
  "trusted-types convgrad convgrad-element",
].join("; ");

/** Serves the page, and the package's files as a static host would; counts what is asked for. */
export async function serveForeign() {
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    asked.push(pathname);
    const file = pathname.startsWith("/dist/")
      ? path.join(root("../../dist"), path.basename(pathname))
      : path.join(root("foreign"), path.basename(pathname) || "index.html");
    try {
      const content = await readFile(file);
      const type = types[path.extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => closeHost(server);
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, close };
}
