// Samples of all entries in turn, in another order each round: what disturbs the machine for a while
// disturbs all of them.
import { uniform } from "./random.js";

const batch = 5; // ms, a thousand steps of the isolated page's timer
const warmUp = 60; // ms, for the engine to compile what is hot anew

async function repeat(entry, calls) {
  const start = performance.now();
  if (entry.asynchronous) for (let i = 0; i < calls; i++) await entry.run();
  else for (let i = 0; i < calls; i++) entry.run();
  return performance.now() - start;
}

async function callsPerBatch(entry) {
  for (let spent = 0; spent < warmUp; ) spent += await repeat(entry, 1);
  for (let calls = 1; ; calls *= 2) {
    const time = await repeat(entry, calls);
    if (time >= batch) return Math.ceil((calls * batch * 1.2) / time);
  }
}

/** Milliseconds of one call: name -> one sample a round. */
export async function timeRounds(entries, rounds, seed) {
  const calls = new Map();
  for (const entry of entries) calls.set(entry, await callsPerBatch(entry));
  const samples = Object.fromEntries(entries.map(({ name }) => [name, []]));
  const random = uniform(seed);
  for (let round = 0; round < rounds; round++) {
    for (const entry of random.shuffle(entries)) {
      samples[entry.name].push((await repeat(entry, calls.get(entry))) / calls.get(entry));
    }
  }
  return samples;
}
