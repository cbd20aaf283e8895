// In Chromium, from a static host with a strict Content-Security-Policy: page and worker, cross-origin
// isolated (with threads) and not (without), both builds.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { calculate } from "./site/calculate.js";
import { load } from "./support/data.mjs";

const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const roots = {
  dist: new URL("../../dist/", import.meta.url),
  site: new URL("site/", import.meta.url),
};

/** Serves /dist and /site; with the headers that isolate when the host name is localhost. */
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://host");
  const [, root, name] = /^\/(dist|site)\/([\w.-]+)$/.exec(pathname) ?? [];
  response.setHeader("Content-Security-Policy", policy);
  if (request.headers.host.startsWith("localhost")) {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  }
  try {
    const body = await readFile(new URL(name, roots[root]));
    response.setHeader("Content-Type", types[extname(name)]);
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});

describe(`Content-Security-Policy: ${policy}`, () => {
  let browser;
  let expected;
  before(async () => {
    await new Promise((resolve) => server.listen(0, resolve));
    const offline = [
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    browser = await chromium.launch({
      executablePath: process.env.CONVGRAD_CHROMIUM || "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", ...offline],
    });
    // What Node calculates, which the other tests hold against the reference.
    expected = calculate(await load({ simd: "baseline" }));
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });

  for (const isolated of [false, true]) {
    for (const simd of ["auto", "baseline", "relaxed"]) {
      test(`${isolated ? "isolated" : "not isolated"}, ${simd}`, async () => {
        const page = await browser.newPage();
        const said = [];
        page.on("console", (message) => said.push(message.text()));
        page.on("pageerror", (error) => said.push(String(error)));
        const { port } = server.address();
        const host = isolated ? "localhost" : "127.0.0.1";
        const url = `http://${host}:${port}/site/index.html?simd=${simd}`;
        // The page says its answer to the console: waiting for an element would make Playwright
        // evaluate strings, which is forbidden in this process too.
        const isAnswer = (text) => text.startsWith("{");
        const [message] = await Promise.all([
          page.waitForEvent("console", {
            predicate: (said) => isAnswer(said.text()),
            timeout: 20_000,
          }),
          page.goto(url),
        ]);
        const answer = JSON.parse(message.text());
        for (let i = 0; i < 100 && page.workers().length > 1; ++i) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const left = page.workers().length;
        await page.close();

        assert.equal(answer.isolated, isolated);
        for (const where of ["page", "worker"]) {
          const { info, results, evaluates, failed } = answer[where];
          assert.equal(failed, undefined, where);
          // Chromium has had relaxed SIMD since 114.
          assert.equal(info.simd, simd === "auto" ? "relaxed" : simd, where);
          assert.equal(info.isolated, isolated, where);
          assert.equal(info.threads, isolated ? 2 : 1, where);
          assert.deepEqual(results, expected, where);
          assert.equal(evaluates, false, `${where}: the policy is in force`);
          assert.equal(answer[where].same, true, `${where}: threads change no bit`);
          assert.equal(answer[where].code, "disposed", where);
        }
        // The one worker of the page's own that is left: threads end with their instances.
        assert.equal(left, 1);
        // The two attempts to evaluate a string, one of them in the worker, are the only offences.
        assert.deepEqual(
          answer.violations.filter((violation) => !/ eval$/.test(violation)),
          [],
        );
        const complaints = said.filter((text) => !isAnswer(text) && !/unsafe-eval/.test(text));
        assert.deepEqual(complaints, []);
      });
    }
  }
});
