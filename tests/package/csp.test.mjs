// In Chromium, from a static host with a strict Content-Security-Policy: page and worker, cross-origin
// isolated (with threads) and not (without), both builds.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../support/browsers.mjs";
import { calculate } from "./site/calculate.js";
import { load } from "./support/data.mjs";
import { ask, serve } from "./support/site.mjs";

const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

describe(`Content-Security-Policy: ${policy}`, () => {
  let browser;
  let host;
  let expected;
  before(async () => {
    host = await serve(policy);
    browser = await launchChromium();
    // What Node calculates, which the other tests hold against the reference.
    expected = calculate(await load({ simd: "baseline" }));
  });
  after(async () => {
    await browser?.close();
    host.close();
  });

  for (const isolated of [false, true]) {
    for (const simd of ["auto", "baseline", "relaxed"]) {
      test(`${isolated ? "isolated" : "not isolated"}, ${simd}`, async () => {
        const url = host.address(isolated, `site/index.html?simd=${simd}`);
        const { page, answer, complaints } = await ask(browser, url);
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
        assert.deepEqual(
          complaints().filter((text) => !/unsafe-eval/.test(text)),
          [],
        );
      });
    }
  }
});
