const batch = 5; // ms
const warmUp = 60; // ms

/** Milliseconds of the phases of an entry's call: name -> one sample a round. */
export function phasesOf(cg, entry, rounds) {
  let calls = 0;
  const start = performance.now();
  for (; performance.now() - start < warmUp; calls++) entry.run();
  const perSample = Math.ceil((calls * batch) / (performance.now() - start));
  const repeat = () => {
    for (let i = 0; i < perSample; i++) entry.run();
  };
  const samples = {};
  for (let round = 0; round < rounds; round++) {
    const sums = {};
    for (const { name, ms } of cg.profile(repeat).phases) sums[name] = (sums[name] ?? 0) + ms;
    for (const [name, ms] of Object.entries(sums)) {
      samples[name] ??= [];
      samples[name].push(ms / perSample);
    }
  }
  return samples;
}
