// The packed tarball, built by every bundler and by none, in every browser: cross-origin isolated (with
// threads) and not (without).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ENGINES, open } from "../support/engines.mjs";
import { assertAnswer } from "./support/answer.mjs";
import { builds } from "./support/builds.mjs";
import { packForConsumers } from "./support/consumer.mjs";
import { host } from "./support/host.mjs";

describe("the packed tarball", () => {
  const browsers = {};
  let consumers;
  before(async () => {
    consumers = await packForConsumers();
  });
  after(async () => {
    for (const browser of Object.values(browsers)) await browser.close();
    await consumers?.close();
  });

  for (const [name, build] of Object.entries(builds)) {
    describe(`by ${name}`, () => {
      let site;
      before(async () => {
        const consumer = await consumers.make(name.toLowerCase().replaceAll(" ", "-"));
        site = await host(await build(consumer));
      });
      after(() => site?.close());

      for (const engine of ENGINES) {
        for (const isolated of [false, true]) {
          test(`runs in ${engine}, ${isolated ? "isolated" : "not isolated"}`, async () => {
            browsers[engine] ??= await open(engine);
            await assertAnswer(browsers[engine], site.url(isolated), isolated);
            assert.deepEqual(site.missing, []);
          });
        }
      }
    });
  }
});
