// `phases`: where the time of a call goes, as the package's own clock has it.
import { median } from "./statistics.mjs";
import { none, table } from "./table.mjs";

/** @returns every shape with its samples, for --json */
export async function reportPhases(page, about, shapes, options) {
  if (!about.profiles) {
    console.log("\nPhases: this build of the package has no cg.profile().");
    return [];
  }
  const { algorithms, rounds } = options;
  const measured = [];
  const parts = [
    ...["forward", "backward"].map((direction) => [direction, shapes.convolution, { direction }]),
    ...["max", "mean"].map((kind) => [
      `${kind} pooling, both passes`,
      shapes.pooling,
      { kind, algorithms: algorithms.filter((name) => !name.startsWith("winograd")) },
    ]),
  ];
  for (const [title, listed, what] of parts) {
    const part = [];
    for (const shape of listed) {
      process.stderr.write(`  phases, ${title} ${shape.name} ...\n`);
      const settings = { shape, algorithms, rounds, ...what };
      const phases = await page.evaluate((given) => bench.measurePhases(given), settings);
      part.push({ name: shape.name, mode: `phases ${title}`, shape, phases });
    }
    for (const build of options.simd) print(title, build, part);
    measured.push(...part);
  }
  return measured;
}

/** A row for each shape and algorithm, a column for each phase that any of them has. */
function print(title, build, measured) {
  const rows = measured.flatMap(({ name, phases }) =>
    Object.entries(phases)
      .filter(([entry]) => entry.startsWith(`${build} `))
      .map(([entry, times]) => ({ name: `${name} ${entry.slice(build.length + 1)}`, times })),
  );
  const names = [...new Set(rows.flatMap(({ times }) => Object.keys(times)))];
  if (names.length === 0) return;
  const cells = rows.map(({ name, times }) => {
    const medians = names.map((phase) => (phase in times ? median(times[phase]) : 0));
    const sum = medians.reduce((a, b) => a + b);
    const share = (ms) => (ms > 0 ? `${ms.toFixed(3)} (${((100 * ms) / sum).toFixed(0)} %)` : none);
    return [name, sum.toFixed(3), ...medians.map(share)];
  });
  console.log(`\nPhases, ${title}, ${build} SIMD, ms a call`);
  console.log(table(["shape and algorithm", "sum", ...names], cells));
}
