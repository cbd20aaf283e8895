// Content-Security-Policies besides the one that the package promises to live with: Trusted Types, no
// WebAssembly, no workers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../support/browsers.mjs";
import { ask, serve } from "./support/site.mjs";

const strict = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
const dx = "0,0,1,0,4,6,4,12,9";

describe("a Content-Security-Policy", () => {
  let browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());

  async function under(policy, isolated = true) {
    const host = await serve(policy);
    try {
      const { page, answer } = await ask(browser, host.address(isolated, "site/policy.html"));
      await page.close();
      return answer;
    } finally {
      host.close();
    }
  }

  test("with Trusted Types whose list names convgrad: threads and worker run", async () => {
    const trusted = "require-trusted-types-for 'script'; trusted-types convgrad";
    for (const isolated of [true, false]) {
      const answer = await under(`default-src 'self'; ${strict}; ${trusted}`, isolated);
      assert.equal(answer.isolated, isolated);
      assert.deepEqual(answer.page, { threads: isolated ? 2 : 1, dx });
      assert.deepEqual(answer.worker, { threads: isolated ? 2 : 1, dx });
      assert.deepEqual(answer.violations, []);
    }
  });

  test("with Trusted Types but not for convgrad: one thread, and no worker", async () => {
    const { page, worker } = await under(
      `${strict}; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    assert.deepEqual(page, { threads: 1, dx });
    assert.equal(worker.code, "unsupported-engine");
    assert.match(worker.message, /^load: no worker can be started here: .*`convgrad` itself/);
  });

  test("that forbids workers: one thread, and no worker", async () => {
    const { page, worker } = await under("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'");
    assert.deepEqual(page, { threads: 1, dx });
    assert.equal(worker.code, "unsupported-engine");
  });

  test("that forbids WebAssembly is an error which says what to add", async () => {
    for (const isolated of [true, false]) {
      const { page, worker } = await under("script-src 'self'; worker-src 'self'", isolated);
      for (const { code, message } of [page, worker]) {
        assert.equal(code, "unsupported-engine");
        assert.match(message, /^load: the page's Content-Security-Policy forbids WebAssembly; /);
        assert.match(message, /expected 'wasm-unsafe-eval' in its script-src$/);
      }
    }
  });
});
