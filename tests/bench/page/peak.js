// Entries of the roofline modules: their GFLOP/s is the engine's multiply-add peak.
const turns = 20_000;

/** Those that this engine compiles: without relaxed SIMD only the first. */
export async function peakEntries(kinds, flopPerTurn) {
  const entries = [];
  for (const kind of kinds) {
    const bytes = await (await fetch(`/roofline/${kind}.wasm`)).arrayBuffer();
    if (!WebAssembly.validate(bytes)) continue;
    const { instance } = await WebAssembly.instantiate(bytes);
    const { run } = instance.exports;
    entries.push({ name: `peak ${kind}`, flop: turns * flopPerTurn, run: () => run(turns) });
  }
  return entries;
}
