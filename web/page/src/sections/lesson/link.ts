// A section's state as parameters of a link, and back. What a link says is not trusted: everything is
// clamped to what the sliders allow, and what cannot be read is as it was at first.
import {
  type Bounds,
  boundsOf,
  type Convolution,
  type Extents,
  MOST,
  type Operand,
  resize,
} from "./convolution.ts";
import type { Cell } from "./linked/figure.ts";

export type Parameters = Readonly<Record<string, string>>;

/** Turns states into parameters, only those that differ from the first state's, and back. */
export interface Codec<State> {
  readonly write: (state: State) => Parameters;
  readonly read: (parameters: Parameters) => State;
}

/** As large as a number of a figure can be. */
export const LARGEST_NUMBER = 1e6;
/** Longer than any link that the page makes. */
const LONGEST = 4000;

export const own = (parameters: Parameters, name: string): string =>
  Object.hasOwn(parameters, name) ? (parameters[name] as string) : "";

/** Clamped, like what is taken where the text is none. */
export function readInteger(text: string, { min, max }: Bounds, otherwise: number): number {
  const number = /^-?\d{1,6}$/.test(text) ? Number(text) : otherwise;
  return Math.max(min, Math.min(max, number));
}

/** So many numbers, or what there would be without the link. */
export function readNumbers(text: string, otherwise: readonly number[]): readonly number[] {
  if (text === "" || text.length > LONGEST) return otherwise;
  const numbers = text.split("_").map((each) => (each === "" ? Number.NaN : Number(each)));
  const usable = (number: number) => Math.abs(number) <= LARGEST_NUMBER;
  return numbers.length === otherwise.length && numbers.every(usable) ? numbers : otherwise;
}

export const writeNumbers = (numbers: readonly number[]) =>
  numbers.map((number) => Number(number.toPrecision(7))).join("_");

type Choices<State> = { readonly [K in keyof State]?: readonly State[K][] };

export function readChoices<State>(
  parameters: Parameters,
  initial: State,
  choices: Choices<State>,
): State {
  const chosen = Object.entries(choices).map(([name, values]) => {
    const text = own(parameters, name);
    const found = (values as readonly unknown[]).find((value) => String(value) === text);
    return [name, found ?? initial[name as keyof State]];
  });
  return { ...initial, ...Object.fromEntries(chosen) };
}

/** The entries of `state` that differ from `initial`. */
export const differences = <State extends object>(
  state: State,
  initial: State,
  names: readonly (keyof State & string)[],
): Parameters => changedOf(names.map((name) => [name, String(state[name]), String(initial[name])]));

/** Those that are not as at first. */
export const changedOf = (all: readonly (readonly [name: string, now: string, first: string])[]) =>
  Object.fromEntries(
    all.filter(([, now, first]) => now !== first).map(([name, now]) => [name, now]),
  );

/** What links call the numbers: "w" is the width. */
const OPERANDS: readonly (readonly [operand: Operand, name: string])[] = [
  ["x", "x"],
  ["w", "kernel"],
  ["b", "bias"],
  ["dy", "delta"],
];
/** Each of these has to fit only to those before it. */
const ORDER = ["n", "c", "k", "h", "w", "padding", "r", "s", "dilation", "stride"] as const;

/** @param fields the extents that a link may set */
export function convolutionCodec<State extends Convolution>(
  initial: State,
  fields: readonly (keyof Extents)[],
  choices: Choices<State>,
  most: Extents = MOST,
): Codec<State> {
  const { extents } = initial;
  return {
    write(state) {
      const { numbers } = resize(initial, state.extents);
      const changed = OPERANDS.map(([operand, name]): [string, string, string] => {
        const [now, first] = [state.numbers[operand], numbers[operand]];
        return [name, writeNumbers(now), writeNumbers(first)];
      });
      return {
        ...differences(state.extents, extents, fields),
        ...differences(state, initial, Object.keys(choices) as (keyof State & string)[]),
        ...changedOf(changed),
      };
    },
    read(parameters) {
      // First what is always legal together; then, one after the other, what has to fit into it.
      let wanted: Extents = { ...extents, r: 1, s: 1, dilation: 1, stride: 1, padding: 0 };
      for (const field of ORDER) {
        const text = fields.includes(field) ? own(parameters, field) : "";
        const value = readInteger(text, boundsOf(wanted, most)[field], extents[field]);
        wanted = { ...wanted, [field]: value };
      }
      const state = readChoices(parameters, resize(initial, wanted), choices);
      const numbers = OPERANDS.map(([operand, name]) => [
        operand,
        readNumbers(own(parameters, name), state.numbers[operand]),
      ]);
      return { ...state, numbers: Object.fromEntries(numbers) };
    },
  };
}

/** A cell as a link names it: "dx_4". Whether there is such a cell is seen when the figure is drawn. */
export const writeCell = ({ grid, at }: Cell) => `${grid}_${at}`;

export function readCell(text: string): Cell | undefined {
  const [, grid, at] = /^([a-zA-Z0-9]{1,12})_(\d{1,5})$/.exec(text) ?? [];
  return grid && at ? { grid, at: Number(at) } : undefined;
}
