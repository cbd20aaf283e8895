// What run.mjs calls, one shape at a time: prepare all engines, check all results, time all in turn.
import { convolution } from "./convolution.js";
import { conv2dEntry, load } from "./ours.js";
import { peakEntries } from "./peak.js";
import * as ort from "./peers/ort.js";
import * as ortTraining from "./peers/ort-training.js";
import * as tfjs from "./peers/tfjs.js";
import { timeRounds } from "./rounds.js";

const peers = { tfjs, ort, "ort-training": ortTraining };

/** Loads the engines; tells what runs. */
async function start({ engines, simd, threads, roofline }) {
  const builds = {};
  for (const build of simd) builds[build] = await load({ simd: build, threads });
  const reference = await load({ simd: "baseline" });
  const started = engines.filter((name) => name in peers);
  for (const name of started) await peers[name].start(threads);
  const peaks = await peakEntries(roofline.kinds, roofline.flopPerTurn);

  /** Samples of every entry: { flop, samples: { name: [ms] }, peakFlop }. */
  async function measureConvolution({ shape, direction, algorithms, rounds, seed }) {
    const problem = convolution(shape, direction, reference);
    const entries = [];
    const add = (name, entry) => {
      if (entry) entries.push({ ...entry, name });
    };
    for (const [build, cg] of Object.entries(builds)) {
      for (const algorithm of algorithms) {
        add(`${build} ${algorithm}`, conv2dEntry(problem, cg, algorithm));
      }
    }
    for (const name of started) add(name, await peers[name].conv2dEntry(problem));
    for (const entry of entries) problem.check(entry.name, await entry.results(), entry.bound);
    const samples = await timeRounds([...entries, ...peaks], rounds, seed);
    for (const entry of entries) await entry.dispose();
    return { flop: problem.flop, peakFlop: peaks[0].flop, samples };
  }

  globalThis.bench = { measureConvolution };
  return {
    isolated: globalThis.crossOriginIsolated,
    builds: Object.fromEntries(Object.entries(builds).map(([name, cg]) => [name, cg.info])),
    userAgent: navigator.userAgent,
  };
}

globalThis.startBench = start;
