// A figure of linked matrices as data: grids of numbers, and for every computed cell the sum that it
// is. Highlights, the sums written out and the players all follow from these.

import type { Scale } from "../../../ui/palette.ts";
import { unflat } from "../indices.ts";

/** A cell of a grid: its index in the grid's data. */
export interface Cell {
  readonly grid: string;
  readonly at: number;
}

/** A product of cells. */
export type Term = readonly Cell[];

/** What a cell is made of. */
export interface Sum {
  /** A sum of products, the largest of the terms, or a zero that was put there. */
  readonly kind: "sum" | "max" | "zero";
  readonly terms: readonly Term[];
  /** What the sum is divided by. */
  readonly divisor?: number;
  /** The terms from this one on are subtracted. */
  readonly minus?: number;
}

export interface Grid {
  readonly id: string;
  /** The chapter's name, also in sums: "δ_in". */
  readonly word: string;
  /** The package's name or call. */
  readonly code: string;
  /** [rows, columns], or the four extents of a tensor. */
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** What a cell is made of; without it the grid is given. */
  readonly sumOf?: (at: number) => Sum;
  readonly editable?: boolean;
  /** How many digits its cells show; 5 unless it says so. */
  readonly digits?: number;
  /** Shown as a picture on this scale: for more numbers than can be read. */
  readonly picture?: Scale;
  /** How the outer two of four extents are called. */
  readonly planes?: "maps" | "filters";
  /** Between the grid before and this one: "*", "=", "→". */
  readonly operator?: string;
  /** One of four colours for a cell. */
  readonly tint?: (at: number) => number | undefined;
  /** Cells that a player has not come to yet. */
  readonly pending?: (at: number) => boolean;
  /** Cells that a check found wrong. */
  readonly wrong?: readonly boolean[];
  /** Starts a new line of the figure. */
  readonly newLine?: boolean;
}

export type Figure = readonly Grid[];

export const keyOf = ({ grid, at }: Cell) => `${grid}:${at}`;

export const gridOf = (figure: Figure, id: string): Grid => {
  const found = figure.find((grid) => grid.id === id);
  if (!found) throw new Error(`no grid ${id}`);
  return found;
};

/** Every cell of a grid, in its order. */
export const cellsOf = (figure: Figure, grid: string): readonly Cell[] =>
  Array.from(gridOf(figure, grid).data, (_, at) => ({ grid, at }));

export const numberIn = (figure: Figure, { grid, at }: Cell): number =>
  gridOf(figure, grid).data[at] as number;

export const sumOf = (figure: Figure, { grid, at }: Cell): Sum | undefined =>
  gridOf(figure, grid).sumOf?.(at);

/** How near a cell is to the one that is looked at: made of it or by it at once, or over others. */
export type Role = "hub" | "source" | "origin" | "result" | "outcome";

/** Who depends on whom, in both directions; found out when it is first asked for. */
export class Links {
  readonly #figure: Figure;
  readonly #up = new Map<string, Cell[]>();
  readonly #down = new Map<string, Cell[]>();

  constructor(figure: Figure) {
    this.#figure = figure;
  }

  #find(): void {
    if (this.#up.size > 0) return;
    for (const grid of this.#figure) {
      for (let at = 0; grid.sumOf && at < grid.data.length; ++at) {
        const cell = { grid: grid.id, at };
        const sources = grid.sumOf(at).terms.flat();
        this.#up.set(keyOf(cell), sources);
        for (const source of sources) {
          const key = keyOf(source);
          const results = this.#down.get(key);
          if (results) results.push(cell);
          else this.#down.set(key, [cell]);
        }
      }
    }
  }

  /** The cells that are made of this one at once. */
  results(cell: Cell): readonly Cell[] {
    this.#find();
    return this.#down.get(keyOf(cell)) ?? [];
  }

  /** Every cell that the given one depends on or that depends on it. */
  roles(cell: Cell): ReadonlyMap<string, Role> {
    this.#find();
    const roles = new Map<string, Role>([[keyOf(cell), "hub"]]);
    this.#walk(cell, this.#up, "source", "origin", roles);
    this.#walk(cell, this.#down, "result", "outcome", roles);
    return roles;
  }

  #walk(
    from: Cell,
    links: ReadonlyMap<string, readonly Cell[]>,
    near: Role,
    far: Role,
    roles: Map<string, Role>,
  ): void {
    let edge = links.get(keyOf(from)) ?? [];
    for (let role = near; edge.length > 0; role = far) {
      const fresh = edge.filter((cell) => {
        const key = keyOf(cell);
        if (roles.has(key)) return false;
        roles.set(key, role);
        return true;
      });
      edge = fresh.flatMap((cell) => links.get(keyOf(cell)) ?? []);
    }
  }
}

/** The indices of a cell, without the leading extents of 1 that say nothing. */
export function indicesOf(shape: readonly number[], at: number): readonly number[] {
  const indices = unflat(shape, at);
  let first = 0;
  while (first < shape.length - 2 && shape[first] === 1) ++first;
  return indices.slice(first);
}

/** "dx[1,1]" */
export function nameOf(figure: Figure, { grid, at }: Cell): string {
  const { word, shape } = gridOf(figure, grid);
  return `${word}[${indicesOf(shape, at).join(",")}]`;
}

/** What a cell is, in letters and in numbers, as far as it is not given. */
export interface Written {
  readonly name: string;
  /** "δ[0,0]·w[1,1] + …"; absent for what is given. */
  readonly letters?: string;
  /** "0·3 + 1·2"; absent where it would repeat the value. */
  readonly numbers?: string;
  readonly value: string;
}

/** @param most how many terms are written before the middle ones are left out */
export function write(
  figure: Figure,
  cell: Cell,
  format: (value: number) => string,
  most = Number.POSITIVE_INFINITY,
): Written {
  const name = nameOf(figure, cell);
  const value = format(numberIn(figure, cell));
  const sum = sumOf(figure, cell);
  if (!sum || sum.kind === "zero") return { name, value };
  const numbers = join(sum, most, (each) => format(numberIn(figure, each)));
  const letters = join(sum, most, (each) => nameOf(figure, each));
  return numbers === value ? { name, letters, value } : { name, letters, numbers, value };
}

function join(
  { kind, terms, divisor, minus = terms.length }: Sum,
  most: number,
  of: (cell: Cell) => string,
) {
  const single = terms.length === 1;
  const factor = (written: string, alone: boolean) =>
    written.startsWith("−") && !alone ? `(${written})` : written;
  const product = (term: Term) =>
    term.map((cell) => factor(of(cell), single && term.length === 1)).join("·");
  const sign = (i: number) => (kind === "max" ? ", " : i < minus ? " + " : " − ");
  const joined = terms
    .map((term, i) => {
      if (i >= most - 1 && i < terms.length - 1) return i === most - 1 ? `${sign(i)}…` : "";
      return (i === 0 ? "" : sign(i)) + product(term);
    })
    .join("");
  if (kind === "max") return `max(${joined})`;
  if (divisor === undefined) return joined;
  return single ? `${joined} ÷ ${divisor}` : `(${joined}) ÷ ${divisor}`;
}

/** "dx[1,1] = 0·3 + 1·2 + 2·1 + 3·0 = 4" */
export const sentence = ({ name, numbers, value }: Written) =>
  [name, numbers, value].filter((part) => part !== undefined).join(" = ");
