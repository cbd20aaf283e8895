// Measures the convolutions of one direction and prints a table for each build.
import { geometricMean, median, speedup } from "./statistics.mjs";
import { interval, none, number, table } from "./table.mjs";

const titles = {
  forward: "Forward",
  backward: "Backward: dx, dw and db",
  dx: "Backward: dx alone",
  dw: "Backward: dw and db alone",
};
const peers = ["tfjs", "ort", "ort-training"];

/** @returns every shape with its samples, for --json */
export async function reportConvolution(page, direction, shapes, options) {
  const measured = [];
  for (const shape of shapes) {
    const settings = { shape, direction, ...pick(options, ["algorithms", "rounds", "seed"]) };
    process.stderr.write(`  ${direction} ${shape.name} ...\n`);
    const result = await page.evaluate((given) => bench.measureConvolution(given), settings);
    measured.push({ shape, direction, ...result });
  }
  const builds = options.engines.includes("convgrad") ? options.simd : ["no build"];
  for (const build of builds) {
    console.log(`\n${titles[direction]}, ${build}, GFLOP/s`);
    console.log(tableOf(measured, build, options.algorithms));
  }
  return measured;
}

const pick = (object, keys) => Object.fromEntries(keys.map((key) => [key, object[key]]));

/** Rows of GFLOP/s by column; ratios of the last algorithm asked for to each peer; its share of the peak. */
function tableOf(measured, build, algorithms) {
  const has = (name) => measured.some(({ samples }) => name in samples);
  const ours = algorithms.map((name) => `${build} ${name}`).filter(has);
  const theirs = peers.filter(has);
  const columns = [...ours, ...theirs];
  const judged = ours.includes(`${build} auto`) ? `${build} auto` : ours.at(-1);
  const judgedName = judged?.replace(`${build} `, "");
  const head = [
    "shape",
    ...columns.map((name) => name.replace(`${build} `, "")),
    ...(judged ? theirs.map((peer) => `${judgedName} / ${peer}`) : []),
    "peak",
    ...(judged ? [`${judgedName} / peak`] : []),
  ];
  const rows = measured.map((entry) => rowOf(entry, columns, judged, theirs));
  const means = head.slice(1).map((_, column) => {
    const values = rows.map(({ values }) => values[column]).filter((value) => value !== null);
    return values.length > 0 ? geometricMean(values) : null;
  });
  const foot = means.map((mean, i) => (mean === null ? none : rows[0].means[i](mean)));
  return table(
    head,
    rows.map(({ cells }) => cells),
    [["geometric mean", ...foot]],
  );
}

function rowOf({ shape, samples, flop, peakFlop }, columns, judged, theirs) {
  const cells = [shape.name];
  const values = [];
  const means = [];
  const add = (value, text, mean) => {
    values.push(value);
    cells.push(value === null ? none : text);
    means.push(mean);
  };
  const gflops = (name, work = flop) => work / median(samples[name]) / 1e6;
  for (const name of columns) {
    const value = name in samples ? gflops(name) : null;
    add(value, value && number(value), number);
  }
  const percent = (share) => `${(share * 100).toFixed(0)} %`;
  const two = (value) => value.toFixed(2);
  if (judged) {
    for (const peer of theirs) {
      const both = peer in samples && judged in samples;
      const result = both ? speedup(samples[judged], samples[peer]) : null;
      add(result?.ratio ?? null, result && interval(result), two);
    }
  }
  const peaks = Object.keys(samples).filter((name) => name.startsWith("peak "));
  const peak = Math.max(...peaks.map((name) => gflops(name, peakFlop)));
  add(peak, number(peak), number);
  if (judged) {
    const share = judged in samples ? gflops(judged) / peak : null;
    add(share, share && percent(share), percent);
  }
  return { cells, values, means };
}
