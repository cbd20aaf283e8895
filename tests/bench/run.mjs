#!/usr/bin/env node
// `npm run bench`: times convgrad and its peers, interleaved, every result checked first.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { SetupError } from "../../cpp/toolchain/setup/process.mjs";
import { readOptions } from "./options.mjs";
import { prepare } from "./setup.mjs";

const options = readOptions();

function selectShapes() {
  const shapes = JSON.parse(readFileSync(new URL("shapes.json", import.meta.url), "utf8"));
  const wanted = ({ name, about }) => options.filter.test(name) || options.filter.test(about);
  return { convolution: shapes.convolution.filter(wanted), pooling: shapes.pooling.filter(wanted) };
}

const { engines, simd, modes } = options;
const ours = engines.includes("convgrad");
const peers = engines.filter((name) => name !== "convgrad");

/** The modes of one thread, in one page. */
async function singleThread(shapes, wanted) {
  const { openPage } = await import("./browser.mjs");
  const { reportConvolution, reportPooling } = await import("./comparison.mjs");
  const { reportPhases } = await import("./phases.mjs");
  const builds = ours ? simd.map((build) => [build, { simd: build, threads: 1 }]) : [];
  const instances = Object.fromEntries(builds);
  const { page, about, close } = await openPage({ peers, instances, threads: 1 });
  console.log(`\n${cpus()[0]?.model}; ${about.userAgent}; one thread`);
  const measured = [];
  try {
    for (const mode of wanted) {
      if (mode === "pool") measured.push(...(await reportPooling(page, shapes.pooling, options)));
      else if (mode === "phases") {
        measured.push(...(await reportPhases(page, about, shapes, options)));
      } else {
        measured.push(...(await reportConvolution(page, mode, shapes.convolution, options)));
      }
    }
  } finally {
    await close();
  }
  return measured;
}

async function bench() {
  const state = await prepare(options);
  const shapes = selectShapes();
  const measured = [];
  const single = modes.filter((mode) => mode !== "threads" && mode !== "native");
  if (single.length > 0) measured.push(...(await singleThread(shapes, single)));
  if (modes.includes("threads")) {
    const { reportThreads } = await import("./threads.mjs");
    const threads = availableParallelism();
    measured.push(...(await reportThreads(shapes.convolution, threads, peers, options)));
  }
  if (modes.includes("native")) {
    const { runNative } = await import("./native.mjs");
    const names = [...shapes.convolution, ...shapes.pooling].map(({ name }) => name);
    runNative(state, names, options.algorithms);
  }
  if (options.json) {
    const { filter, ...rest } = options;
    const about = { cpu: cpus()[0]?.model, options: { filter: filter.source, ...rest } };
    writeFileSync(options.json, `${JSON.stringify({ ...about, measured })}\n`);
  }
}

try {
  await bench();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
