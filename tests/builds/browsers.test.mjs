// The packed tarball, built by every bundler and by none, in every browser: cross-origin isolated (with
// threads) and not (without).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ENGINES, open } from "../support/engines.mjs";
import { assertAnswers } from "./support/answer.mjs";
import { builds, classicScript, elementBuilds } from "./support/builds.mjs";
import { copyProgram, packForConsumers } from "./support/consumer.mjs";
import { serveByVite } from "./support/dev.mjs";
import { host, isolation } from "./support/host.mjs";

/**
 * Vite's development server answers "not modified" without its own headers; WebKit then takes a worker's
 * script for one that may not be embedded.
 */
const takingHeadersOnce = ENGINES.filter((engine) => engine !== "webkit");

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

  async function visit(engine, url, expected) {
    browsers[engine] ??= await open(engine);
    await assertAnswers(browsers[engine], url, expected);
  }

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
            await visit(engine, site.url(isolated), { isolated, answers: 3 });
            assert.deepEqual(site.missing, []);
          });
        }
      }
    });
  }

  for (const version of ["vite", "vite-7"]) {
    for (const isolated of [false, true]) {
      const how = isolated ? "isolated by its configuration" : "without a configuration";
      test(`runs from the development server of ${version}, ${how}`, async () => {
        const config = `export default { server: { headers: ${JSON.stringify(isolation)} } };`;
        const files = isolated ? { "vite.config.js": config } : {};
        const consumer = await consumers.make(`${version}-dev-${isolated}`, files);
        await copyProgram(consumer);
        const server = await serveByVite(version, consumer);
        try {
          for (const engine of isolated ? takingHeadersOnce : ENGINES) {
            await visit(engine, server.url, { isolated, answers: 3 });
          }
          assert.doesNotMatch(server.printed(), /warn|error/i);
        } finally {
          await server.close();
        }
      });
    }
  }

  /** The lesson is drawn, and the laboratory has its digits and can run. */
  async function visitElements(url) {
    for (const engine of ENGINES) {
      browsers[engine] ??= await open(engine);
      await browsers[engine].goto(url);
      const answer = await browsers[engine].until(() => document.documentElement.dataset.answer);
      assert.match(answer, /7 2 1/, `the first of MNIST's test digits, in ${engine}`);
    }
  }

  for (const [name, build] of Object.entries(elementBuilds)) {
    test(`has elements that run by ${name}`, async () => {
      const consumer = await consumers.make(`elements-${name.toLowerCase().replaceAll(" ", "-")}`);
      const site = await host(await build(consumer));
      try {
        await visitElements(site.url(false));
        assert.deepEqual(site.missing, []);
      } finally {
        site.close();
      }
    });
  }

  for (const version of ["vite", "vite-7"]) {
    test(`has elements that run from the development server of ${version}`, async () => {
      const consumer = await consumers.make(`elements-${version}-dev`);
      await copyProgram(consumer, "elements");
      const server = await serveByVite(version, consumer);
      try {
        await visitElements(server.url);
        assert.doesNotMatch(server.printed(), /warn|error/i);
      } finally {
        await server.close();
      }
    });
  }

  test("runs as one classic script with the module inside, from a disk", async () => {
    const page = await classicScript(await consumers.make("classic"));
    // WebKit shows a script from a disk no other file, and this one needs none.
    for (const engine of ENGINES) {
      const expected = { isolated: false, answers: 1, simd: "baseline" };
      await visit(engine, pathToFileURL(page).href, expected);
    }
  });
});
