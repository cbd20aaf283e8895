#!/usr/bin/env node
// `npm run bench`: times convgrad and its peers in Chromium, interleaved, every result checked first.
import { readFileSync, writeFileSync } from "node:fs";
import { SetupError } from "../../cpp/toolchain/setup/process.mjs";
import { reportConvolution } from "./convolution-report.mjs";
import { readOptions } from "./options.mjs";
import { prepare } from "./setup.mjs";

const shapes = JSON.parse(readFileSync(new URL("shapes.json", import.meta.url), "utf8"));
const options = readOptions();

/** One browser, one page: everything that is compared runs in it. */
async function openPage(threads) {
  const { launch } = await import("../page/site.mjs");
  const { serve } = await import("./server.mjs");
  const { flopPerTurn, kinds } = await import("./roofline.mjs");
  const server = await serve();
  const browser = await launch();
  const close = async () => {
    await browser.close();
    server.close();
  };
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on("console", (message) => {
    if (message.type() === "error")
      console.error(`page: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => console.error(`page: ${error.message}`));
  await page.goto(server.url);
  await page.waitForFunction(() => "startBench" in globalThis, null, { timeout: 20_000 });
  const { engines, simd } = options;
  const about = await page.evaluate((given) => startBench(given), {
    engines,
    simd: engines.includes("convgrad") ? simd : [],
    threads,
    roofline: { kinds, flopPerTurn },
  });
  return { page, about, close };
}

async function bench() {
  await prepare(options);
  const { page, about, close } = await openPage(1);
  const measured = [];
  try {
    const wanted = shapes.convolution.filter(({ name, about }) =>
      options.filter.test(`${name} ${about}`),
    );
    for (const mode of options.modes) {
      measured.push(...(await reportConvolution(page, mode, wanted, options)));
    }
  } finally {
    await close();
  }
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ about, options, measured }, null, 1)}\n`);
  }
}

try {
  await bench();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
