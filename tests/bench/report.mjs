// Rows of figures to a printed table with the geometric mean of each column below.
import { geometricMean } from "./statistics.mjs";
import { none, table } from "./table.mjs";

/**
 * @param {string} first the heading of the names
 * @param {{ head: string, value: (entry: object) => number | null,
 *   text?: (entry: object, value: number) => string, mean?: (value: number) => string }[]} columns
 *   `value` is null where an entry has none, `mean` writes the geometric mean of the others
 * @param {{ name: string }[]} entries
 */
export function summary(first, columns, entries) {
  const values = columns.map((column) => entries.map((entry) => column.value(entry)));
  const cells = entries.map((entry, row) => [
    entry.name,
    ...columns.map(({ text, mean }, i) => {
      const value = values[i][row];
      if (value === null) return none;
      return text ? text(entry, value) : mean(value);
    }),
  ]);
  const foot = columns.map(({ mean }, i) => {
    const present = values[i].filter((value) => value !== null);
    return present.length > 0 ? mean(geometricMean(present)) : none;
  });
  const head = [first, ...columns.map((column) => column.head)];
  return table(head, cells, [["geometric mean", ...foot]]);
}
