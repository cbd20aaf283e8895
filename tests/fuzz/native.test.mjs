// libFuzzer over the C++ entry points, as the preset `fuzz` has built it: on the inputs in corpus/, each of
// which once reached something new, and on what it makes of them.
//
// CONVGRAD_FUZZ_SECONDS says how long (30). What it finds it leaves in build/fuzz/finds; a find is run alone
// by build/fuzz/tests/fuzz/native/convgrad_fuzz FILE.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const seconds = Number(process.env.CONVGRAD_FUZZ_SECONDS ?? 30);
const folder = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test(`${seconds} s of the C++ entry points under ASan and UBSan`, () => {
  const [found, finds] = [folder("build/fuzz/corpus"), folder("build/fuzz/finds")];
  for (const path of [found, finds]) mkdirSync(path, { recursive: true });
  const seeds = folder("tests/fuzz/corpus");
  assert.ok(readdirSync(seeds).length > 50);
  const run = spawnSync(
    folder("build/fuzz/tests/fuzz/native/convgrad_fuzz"),
    [
      ...[found, seeds, `-artifact_prefix=${finds}/`, `-max_total_time=${seconds}`],
      ...["-max_len=72", "-len_control=0", "-timeout=20", "-rss_limit_mb=3000"],
      "-print_final_stats=1",
    ],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const said = run.stderr;
  assert.equal(run.status, 0, said.slice(-8000));
  const [, executions] = /stat::number_of_executed_units: (\d+)/.exec(said);
  const [, coverage] = [...said.matchAll(/cov: (\d+) /g)].at(-1);
  console.log(`${executions} executions, ${coverage} edges reached`);
  assert.ok(Number(executions) > 100);
});
