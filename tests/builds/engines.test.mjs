// The package's own tests in Chromium, Firefox and WebKit, each by the builds that it can run, under a
// Content-Security-Policy with Trusted Types.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINES, open } from "../support/engines.mjs";
import { simdOf } from "./support/answer.mjs";
import { host } from "./support/host.mjs";

const suites = ["chapter", "contract", "refusals", "winograd"];
const policy = [
  "default-src 'self'",
  "img-src data:",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types convgrad",
].join("; ");

/** What these tests import by name, and what takes its place: there are no import maps by this policy. */
const standIns = {
  '"node:test"': '"/tests/builds/suite/test.js"',
  '"node:assert/strict"': '"/tests/builds/suite/assert.js"',
  '"wasm-feature-detect"': '"/node_modules/wasm-feature-detect/dist/esm/index.js"',
};

function withStandIns(file, content) {
  if (!file.startsWith("/tests/package/")) return content;
  return Object.entries(standIns).reduce(
    (text, [module, address]) => text.replaceAll(module, address),
    content.toString(),
  );
}

describe("the package's own tests", () => {
  let site;
  before(async () => {
    const repository = fileURLToPath(new URL("../../", import.meta.url));
    site = await host(repository, {
      headers: { "Content-Security-Policy": policy },
      change: withStandIns,
    });
  });
  after(() => site?.close());

  for (const engine of ENGINES) {
    test(`pass in ${engine}`, async () => {
      const browser = await open(engine);
      try {
        const passed = [];
        for (const isolated of [false, true]) {
          const page = `tests/builds/suite/index.html?suites=${suites}`;
          await browser.goto(site.url(isolated) + page);
          const answer = await browser.until(() => document.documentElement.dataset.answer);
          const { info, remote, failures, violations, failed, ...result } = JSON.parse(answer);
          assert.equal(failed, undefined);
          assert.deepEqual(failures, []);
          assert.deepEqual(violations, []);
          for (const { simd, threads } of [info, remote]) {
            assert.equal(simd, simdOf[engine]);
            assert.equal(threads, isolated ? 2 : 1);
          }
          passed.push(result.passed);
        }
        // Two builds where there is relaxed SIMD, or one.
        assert.ok(passed[0] > 100, `${passed[0]} tests`);
        assert.equal(passed[1], passed[0]);
      } finally {
        await browser.close();
      }
    });
  }
});
