// Every example of web/examples runs with the packed tarball, as its first lines say.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINES, open } from "../support/engines.mjs";
import { bundler, node, ownTool, packForConsumers } from "./support/consumer.mjs";
import { host } from "./support/host.mjs";

const examples = fileURLToPath(new URL("../../web/examples/", import.meta.url));
const docs = fileURLToPath(new URL("../../web/docs/", import.meta.url));

describe("the examples", () => {
  const browsers = {};
  let consumers;
  let folder;
  let site;
  before(async () => {
    consumers = await packForConsumers();
    folder = await consumers.make("examples");
    await cp(examples, folder, { recursive: true });
    site = await host(folder);
    for (const engine of ENGINES) browsers[engine] = await open(engine);
  });
  after(async () => {
    for (const browser of Object.values(browsers)) await browser.close();
    site?.close();
    await consumers?.close();
  });

  /** What an element of a page says when it is finished, in every browser. */
  const visit = async (url, read, check) => {
    for (const browser of Object.values(browsers)) {
      await browser.goto(url);
      check(await browser.until(read));
    }
  };

  test("plain.html", () =>
    visit(
      `${site.url(false)}plain.html`,
      () => {
        const { textContent } = document.querySelector("#result");
        return textContent.includes("db") && textContent;
      },
      (text) => {
        assert.match(text, /^(relaxed|baseline) SIMD, 1 thread/);
        assert.match(text, /y \[1,1,4,4\]\n +0 +27 +27 +-27\n +0 +36 +36 +-36\n/);
        assert.match(text, /dw \[1,1,3,3\]\n +-891 +0 +1782\n/);
        assert.match(text, /db \[1\]\n +126/);
      },
    ));

  test("element.html", async () => {
    for (const browser of Object.values(browsers)) {
      await browser.goto(`${site.url(false)}element.html`);
      await browser.until(
        () =>
          document
            .querySelector("convgrad-lesson")
            .shadowRoot?.querySelector("[data-ready=true]") != null,
      );
      await browser.until(
        () =>
          document.querySelector("convgrad-lab").shadowRoot?.querySelector(".run:enabled") != null,
      );
    }
    const { chromium } = browsers;
    await chromium.evaluate(() =>
      document.querySelector("convgrad-lab").shadowRoot.querySelector(".run").click(),
    );
    const told = await chromium.until(() => document.querySelector("#result").textContent);
    assert.match(told, /^Samples: direct forward: \d+, .*im2col backward: \d+/);
  });

  test("worker.html", () =>
    visit(
      `${site.url(true)}worker.html`,
      () => {
        const { textContent } = document.querySelector("#result");
        return textContent.includes("ms") && textContent;
      },
      (text) => assert.match(text, /^dx \[8,64,56,56\]\ndw \[64,64,3,3\]\ndb \[64\]\nin \d+ ms$/),
    ));

  test("fit-kernel.html", () =>
    visit(
      `${site.url(false)}fit-kernel.html`,
      () => {
        const numbers = (id) =>
          [...document.querySelectorAll(`${id} span`)].map((cell) => Number(cell.textContent));
        const loss = Number(document.querySelector("#loss").value || 1);
        return loss < 1e-8 && { wanted: numbers("#wanted"), learned: numbers("#learned") };
      },
      ({ wanted, learned }) => {
        assert.deepEqual(wanted, [1, 2, 1, 0, 0, 0, -1, -2, -1]);
        learned.forEach((value, i) => {
          assert.ok(Math.abs(value - wanted[i]) <= 0.01, `${value} is not ${wanted[i]}`);
        });
      },
    ));

  test("vite-typescript", async () => {
    const project = await consumers.make("vite-typescript");
    await cp(join(examples, "vite-typescript"), project, { recursive: true });
    await node([ownTool("typescript/bin/tsc")], project);
    await node([bundler("vite/bin/vite.js"), "build"], project);
    const built = await host(join(project, "dist"));
    const dark = () => {
      const { textContent } = document.querySelector("#engine");
      const edges = document.querySelector("#edges").getContext("2d");
      const { data } = edges.getImageData(0, 0, 128, 128);
      const alpha = data.filter((_, i) => i % 4 === 3);
      return (
        textContent && { textContent, share: alpha.filter((a) => a > 200).length / alpha.length }
      );
    };
    try {
      await visit(built.url(true), dark, ({ textContent, share }) => {
        assert.match(textContent, /SIMD, \d+ thread/);
        assert.ok(share > 0.01 && share < 0.2, `${share} of the picture are edges`);
      });
    } finally {
      built.close();
    }
  });

  test("node.mjs", async () => {
    const output = await node(["node.mjs"], folder);
    assert.match(
      output,
      /\ny {2}1 × 64 × 56 × 56\ndx 1 × 64 × 56 × 56\ndw 64 × 64 × 3 × 3\ndb 64\n/,
    );
  });

  test("lenet-layer.mjs", async () => {
    const output = await node(["lenet-layer.mjs"], folder);
    const lines = output.trim().split("\n");
    assert.equal(lines.length, 4);
    for (const line of lines) assert.match(line, / agrees, at most \d\.\de-\d+ apart$/);
  });

  test("all of them have a line in the README, and a test here", async () => {
    const readme = await readFile(join(examples, "README.md"), "utf8");
    const here = await readFile(fileURLToPath(import.meta.url), "utf8");
    for (const name of (await readdir(examples)).filter((file) => file !== "README.md")) {
      assert.ok(readme.includes(`[${name}`), `README.md: ${name}`);
      assert.ok(here.includes(`test("${name}"`), `a test of ${name}`);
    }
  });

  test("what the documents link to is there", async () => {
    const documents = (await readdir(docs)).map((name) => join(docs, name));
    for (const document of [join(examples, "README.md"), ...documents]) {
      const text = await readFile(document, "utf8");
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        const path = join(dirname(document), target);
        assert.ok(existsSync(path), `${document}: ${target}`);
      }
    }
  });
});
