// The command line of `npm run bench`.
import { parseArgs } from "node:util";

export const modes = ["forward", "backward", "dx", "dw", "pool", "threads", "phases", "native"];
const usage = `usage: npm run bench [-- MODE ...] [options]
  modes       ${modes.join(", ")}; without any: forward, backward, pool
  --filter REGEX      only the shapes whose name or description it finds
  --engines LIST      convgrad,tfjs,ort,ort-training
  --algorithms LIST   direct,im2col,winograd,auto (the default) and winograd4
  --simd BUILD        baseline, relaxed or both (the default)
  --rounds N          rounds of samples (15)
  --seed N            of the order in each round (1)
  --json FILE         all samples, to this file
  --no-build          time dist/ as it is`;

const defaults = {
  engines: ["convgrad", "tfjs", "ort", "ort-training"],
  algorithms: ["direct", "im2col", "winograd", "auto"],
};
const allowed = { ...defaults, algorithms: [...defaults.algorithms, "winograd4"] };

/** Ends the process with the usage where the command line is not understood. */
export function readOptions() {
  try {
    return parse();
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

function parse() {
  const text = { type: "string" };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      filter: text,
      engines: text,
      algorithms: text,
      simd: { ...text, default: "both" },
      rounds: { ...text, default: "15" },
      seed: { ...text, default: "1" },
      json: text,
      build: { type: "boolean", default: true },
    },
  });
  for (const mode of positionals) oneOf("mode", mode, modes);
  oneOf("--simd", values.simd, ["baseline", "relaxed", "both"]);
  return {
    modes: positionals.length > 0 ? positionals : ["forward", "backward", "pool"],
    filter: new RegExp(values.filter ?? "", "iu"),
    engines: list("engines", values.engines),
    algorithms: list("algorithms", values.algorithms),
    simd: values.simd === "both" ? ["baseline", "relaxed"] : [values.simd],
    rounds: count("--rounds", values.rounds),
    seed: count("--seed", values.seed),
    json: values.json,
    build: values.build,
  };
}

function list(name, value) {
  if (value === undefined) return defaults[name];
  const items = value.split(",");
  for (const item of items) oneOf(`--${name}`, item, allowed[name]);
  return items;
}

function oneOf(what, value, known) {
  if (!known.includes(value)) {
    throw new Error(`${what}: "${value}" is none of ${known.join(", ")}`);
  }
}

function count(what, value) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${what}: "${value}" is no count`);
  return number;
}
