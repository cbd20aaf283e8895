// A long call in a worker while the page counts its timers; then instances of every kind at once. Says to
// the console what came of it.
import { load } from "/dist/index.js";
import { load as loadWorker } from "/dist/worker.js";

const wave = (shape, step) => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * step)) };
};

/** The longest time between two timers while `run` is on. */
async function longestGap(run) {
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5);
  const started = performance.now();
  await run();
  const took = performance.now() - started;
  clearInterval(timer);
  return { longest, took };
}

const hash = ({ data }) => {
  let sum = 0;
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (const value of bits) sum = (Math.imul(sum, 31) + value) | 0;
  return sum;
};

const [x, w] = [wave([4, 16, 48, 48], 1), wave([16, 16, 3, 3], 2)];

async function train(start, options) {
  const cg = await start(options);
  const hashes = [];
  for (let i = 0; i < 5; ++i) {
    const y = await cg.conv2d(x, w, { padding: 1 });
    const { dx, dw } = await cg.conv2dBackward(y, x, w, { padding: 1 });
    hashes.push([y, dx, dw].map(hash).join());
  }
  cg.dispose();
  return [...new Set(hashes)];
}

try {
  const remote = await loadWorker({ threads: 1 });
  const [input, filters] = [
    await remote.tensor([2, 64, 64, 64]),
    await remote.tensor([64, 64, 3, 3]),
  ];
  const slow = { padding: 1, algorithm: "reference" };
  const gap = await longestGap(() => remote.conv2d(input, filters, slow));
  remote.dispose();

  const all = await Promise.all([
    train(load, { threads: 1 }),
    train(load, { threads: 2 }),
    train(loadWorker, { threads: 1 }),
    train(loadWorker, { threads: 2 }),
    train(loadWorker, { threads: 2 }),
  ]);
  // A module with threads where there may be none: on one.
  const wasmUrl = "/dist/convgrad-relaxed-threads.wasm";
  const alone = await load({ wasmUrl, threads: 1 }).then(
    (cg) => hash(cg.conv2d(x, w, { padding: 1 })),
    (error) => String(error),
  );
  console.log(JSON.stringify({ gap, hashes: [...new Set(all.flat())], alone }));
} catch (error) {
  console.log(JSON.stringify({ failed: String(error) }));
}
