// The multiply-add peak of an engine: the inner loop of a matrix kernel and nothing else. Ten
// accumulators of f32x4 (5 filters x 2 vectors, what 16 registers hold), operands from the first
// cache; no compiler can merge or hoist the products, because each has operands of its own.
import binaryen from "binaryen";

const filters = 5;
const vectors = 2;
const unrolled = 4;

/** Floating-point operations of one turn of the loop. */
export const flopPerTurn = unrolled * filters * vectors * 4 * 2;

const multiplyAdd = {
  "mul-add": (a, b, c) => `(f32x4.add (f32x4.mul ${a} ${b}) ${c})`,
  "relaxed-madd": (a, b, c) => `(f32x4.relaxed_madd ${a} ${b} ${c})`,
};
export const kinds = Object.keys(multiplyAdd);

/** The module's bytes; it exports run(turns: i32) -> f32. */
export function assemble(kind) {
  const range = (count) => [...Array(count).keys()];
  const tiles = range(filters).flatMap((f) => range(vectors).map((v) => ({ f, v })));
  const step = (at) => [
    ...range(vectors).map(
      (v) => `(local.set $x${v} (v128.load offset=${(at * vectors + v) * 16} (i32.const 0)))`,
    ),
    ...range(filters).flatMap((f) => [
      `(local.set $w (v128.load32_splat offset=${1024 + (at * filters + f) * 4} (i32.const 0)))`,
      ...range(vectors).map((v) => {
        const sum = `(local.get $a${f}${v})`;
        const term = multiplyAdd[kind](`(local.get $x${v})`, "(local.get $w)", sum);
        return `(local.set $a${f}${v} ${term})`;
      }),
    ]),
  ];
  const total = tiles
    .map(({ f, v }) => `(local.get $a${f}${v})`)
    .reduce((left, right) => `(f32x4.add ${left} ${right})`);
  const text = `(module
    (memory 1)
    (func (export "run") (param $turns i32) (result f32)
      ${tiles.map(({ f, v }) => `(local $a${f}${v} v128)`).join(" ")}
      ${range(vectors)
        .map((v) => `(local $x${v} v128)`)
        .join(" ")} (local $w v128)
      (loop $again
        ${range(unrolled).flatMap(step).join("\n")}
        (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
      (f32x4.extract_lane 0 ${total})))`;
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  if (!module.validate()) throw new Error(`the ${kind} roofline is not a valid module`);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}
