// A static host for the package and the pages in ../site.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const roots = {
  dist: new URL("../../../dist/", import.meta.url),
  site: new URL("../site/", import.meta.url),
};

/**
 * Serves /dist and /site under a Content-Security-Policy; with the headers that isolate where the host's
 * name is localhost.
 * @param change (name, response) => whether it has answered in its own way
 */
export async function serve(policy, change = () => false) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const [, root, name] = /^\/(dist|site)\/([\w.-]+)$/.exec(pathname) ?? [];
    if (policy) response.setHeader("Content-Security-Policy", policy);
    if (request.headers.host.startsWith("localhost")) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    try {
      const body = await readFile(new URL(name, roots[root]));
      response.setHeader("Content-Type", types[extname(name)]);
      if (!change(name, response)) response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const { port } = server.address();
  return {
    address: (isolated, path) => `http://${isolated ? "localhost" : "127.0.0.1"}:${port}/${path}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const isAnswer = (text) => text.startsWith("{");

/**
 * Opens a page and waits for the JSON that it says to the console: waiting for an element would make
 * Playwright evaluate strings, which is forbidden in this process too.
 * @returns the page, its answer, and what else was said
 */
export async function ask(browser, url) {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  const [message] = await Promise.all([
    page.waitForEvent("console", {
      predicate: (message) => isAnswer(message.text()),
      timeout: 60_000,
    }),
    page.goto(url),
  ]);
  return {
    page,
    answer: JSON.parse(message.text()),
    complaints: () => said.filter((text) => !isAnswer(text)),
  };
}
