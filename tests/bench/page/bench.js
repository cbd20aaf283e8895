// What run.mjs calls, one shape at a time: prepare all engines, check all results, time all in turn.
import { convolution } from "./convolution.js";
import { conv2dEntry, load, pool2dEntry } from "./ours.js";
import { peakEntries } from "./peak.js";
import * as ort from "./peers/ort.js";
import * as ortTraining from "./peers/ort-training.js";
import * as tfjs from "./peers/tfjs.js";
import { phasesOf } from "./phases.js";
import { pooling } from "./pooling.js";
import { timeRounds } from "./rounds.js";

const peers = { tfjs, ort, "ort-training": ortTraining };

/** Loads the engines and the rooflines; tells what runs. */
async function start({ peers: started, instances, threads, roofline }) {
  const builds = {};
  for (const [name, options] of Object.entries(instances)) builds[name] = await load(options);
  const reference = await load({ simd: "baseline" });
  for (const name of started) await peers[name].start(threads);
  const peaks = await peakEntries(roofline.kinds, roofline.flopPerTurn);

  /** An entry for each engine that has one for the problem, with its results checked. */
  async function prepare(problem, algorithms, ours, theirs) {
    const entries = [];
    const add = (name, entry) => {
      if (entry) entries.push({ ...entry, name });
    };
    for (const [build, cg] of Object.entries(builds)) {
      for (const algorithm of algorithms) {
        add(`${build} ${algorithm}`, ours(problem, cg, algorithm));
      }
    }
    for (const name of started) add(name, await theirs(peers[name]));
    for (const entry of entries) problem.check(entry.name, await entry.results(), entry);
    return entries;
  }

  async function dispose(entries) {
    for (const entry of entries) await entry.dispose();
  }

  async function measureConvolution({ shape, direction, algorithms, rounds, seed }) {
    const problem = convolution(shape, direction, reference);
    const entries = await prepare(problem, algorithms, conv2dEntry, (peer) =>
      peer.conv2dEntry(problem),
    );
    const samples = await timeRounds([...entries, ...peaks], rounds, seed);
    await dispose(entries);
    return { flop: problem.flop, peakFlop: peaks[0].flop, samples };
  }

  async function measurePooling({ shape, kind, backward, algorithms, rounds, seed }) {
    const problem = pooling(shape, kind, backward, reference);
    const entries = await prepare(problem, algorithms, pool2dEntry, (peer) =>
      peer.pool2dEntry(problem),
    );
    const samples = await timeRounds(entries, rounds, seed);
    await dispose(entries);
    return { samples };
  }

  /** name of an entry -> its phases, each with one sample a round. */
  async function measurePhases({ shape, direction, kind, algorithms, rounds }) {
    const problem = kind
      ? pooling(shape, kind, true, reference)
      : convolution(shape, direction, reference);
    const ours = kind ? pool2dEntry : conv2dEntry;
    const phases = {};
    for (const [build, cg] of Object.entries(builds)) {
      for (const algorithm of algorithms) {
        const entry = ours(problem, cg, algorithm);
        if (!entry) continue;
        problem.check(`${build} ${algorithm}`, entry.results(), entry);
        phases[`${build} ${algorithm}`] = phasesOf(cg, entry, rounds);
        entry.dispose();
      }
    }
    return phases;
  }

  globalThis.bench = { measureConvolution, measurePhases, measurePooling };
  const loaded = Object.values(builds);
  return {
    isolated: globalThis.crossOriginIsolated,
    threads: Math.max(1, ...loaded.map(({ info }) => info.threads)),
    profiles: loaded.some((cg) => typeof cg.profile === "function"),
    userAgent: navigator.userAgent,
  };
}

globalThis.startBench = start;
