// `threads`: convgrad on one thread and more, interleaved, beside the peers with as many as they take.
import { openPage } from "./browser.mjs";
import { rate, ratio } from "./columns.mjs";
import { summary } from "./report.mjs";

const label = (threads) => (threads === 1 ? "1 thread" : `${threads} threads`);

/** One thread, two, four ... and all. */
function counts(most) {
  const doubling = [];
  for (let threads = 1; threads < most; threads *= 2) doubling.push(threads);
  return [...doubling, most];
}

/** @returns every shape with its samples, for --json */
export async function reportThreads(shapes, most, peers, { rounds, seed }) {
  if (most === 1) {
    console.log("\nThreads: this machine has one core for them, so there is nothing to compare.");
    return [];
  }
  const loads = counts(most).map((threads) => [label(threads), { threads }]);
  const instances = Object.fromEntries(loads);
  const { page, about, close } = await openPage({ peers, instances, threads: most });
  const measured = [];
  try {
    if (about.threads === 1) {
      console.log("\nThreads: this build of the package has none; load() gives one thread always.");
      return [];
    }
    for (const direction of ["forward", "backward"]) {
      const part = [];
      for (const shape of shapes) {
        process.stderr.write(`  threads, ${direction} ${shape.name} ...\n`);
        const settings = { shape, direction, algorithms: ["auto"], rounds, seed };
        const result = await page.evaluate((given) => bench.measureConvolution(given), settings);
        part.push({ name: shape.name, mode: `threads ${direction}`, shape, ...result });
      }
      print(direction, part, Object.keys(instances), peers);
      measured.push(...part);
    }
  } finally {
    await close();
  }
  return measured;
}

function print(direction, measured, names, peers) {
  if (measured.length === 0) return;
  const theirs = peers.filter((peer) => measured.some(({ samples }) => peer in samples));
  const [one, all] = [names[0], names.at(-1)];
  const columns = [
    ...names.map((name) => rate(`${name} auto`, name)),
    ...theirs.map((name) => rate(name)),
    ratio(`${all} auto`, `${one} auto`, `${all} / 1`),
    ...theirs.map((peer) => ratio(`${all} auto`, peer, `${all} / ${peer}`)),
  ];
  console.log(`\nThreads, ${direction}, GFLOP/s (algorithm auto)`);
  console.log(summary("shape", columns, measured));
}
