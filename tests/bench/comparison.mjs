// Measures convolutions and poolings in the page, and prints a table for each build.
import { peak, rate, ratio, shareOfPeak, time } from "./columns.mjs";
import { summary } from "./report.mjs";

const titles = {
  forward: "Forward",
  backward: "Backward (dx, dw and db)",
  dx: "Backward, dx alone",
  dw: "Backward, dw and db alone",
};
const peers = ["tfjs", "ort", "ort-training"];

const progress = (text) => process.stderr.write(`  ${text} ...\n`);

/** @returns every shape with its samples, for --json */
export async function reportConvolution(page, direction, shapes, options) {
  const { algorithms, rounds, seed } = options;
  const measured = [];
  for (const shape of shapes) {
    progress(`${direction} ${shape.name}`);
    const settings = { shape, direction, algorithms, rounds, seed };
    const result = await page.evaluate((given) => bench.measureConvolution(given), settings);
    measured.push({ name: shape.name, mode: direction, shape, ...result });
  }
  print(`${titles[direction]}, GFLOP/s`, measured, options, (build, ours, theirs, judged) => [
    ...[...ours, ...theirs].map((name) => rate(name, withoutBuild(name, build))),
    ...ratios(build, theirs, judged),
    peak,
    ...(judged ? [shareOfPeak(judged, `${withoutBuild(judged, build)} / peak`)] : []),
  ]);
  return measured;
}

const poolings = [
  { kind: "max", backward: false },
  { kind: "mean", backward: false },
  { kind: "max", backward: true },
  { kind: "mean", backward: true },
];
const poolAlgorithms = ["direct", "im2col", "auto"];

/** The same of pooling, in milliseconds: its arithmetic is nothing beside its memory. */
export async function reportPooling(page, shapes, options) {
  const { rounds, seed } = options;
  const algorithms = poolAlgorithms.filter((name) => options.algorithms.includes(name));
  const measured = [];
  for (const what of poolings) {
    const title = `${what.kind} pooling, forward${what.backward ? " and backward" : ""}`;
    const part = [];
    for (const shape of shapes) {
      progress(`${title} ${shape.name}`);
      const settings = { shape, ...what, algorithms, rounds, seed };
      const result = await page.evaluate((given) => bench.measurePooling(given), settings);
      part.push({ name: shape.name, mode: title, shape, ...result });
    }
    const headline = `${title[0].toUpperCase()}${title.slice(1)}, ms`;
    print(headline, part, options, (build, ours, theirs, judged) => [
      ...[...ours, ...theirs].map((name) => time(name, withoutBuild(name, build))),
      ...ratios(build, theirs, judged),
    ]);
    measured.push(...part);
  }
  return measured;
}

const withoutBuild = (name, build) => name.replace(`${build} `, "");

/** One algorithm, `auto` where it was timed, against each peer. */
const ratios = (build, theirs, judged) =>
  judged
    ? theirs.map((peer) => ratio(judged, peer, `${withoutBuild(judged, build)} / ${peer}`))
    : [];

function print(title, measured, { engines, simd, algorithms }, columnsOf) {
  if (measured.length === 0) return;
  const has = (name) => measured.some(({ samples }) => name in samples);
  const theirs = peers.filter(has);
  for (const build of engines.includes("convgrad") ? simd : [null]) {
    const ours = algorithms.map((name) => `${build} ${name}`).filter(has);
    const auto = `${build} auto`;
    const judged = ours.includes(auto) ? auto : ours.at(-1);
    console.log(`\n${title}${build ? `, ${build} SIMD` : ""}`);
    console.log(summary("shape", columnsOf(build, ours, theirs, judged), measured));
  }
}
