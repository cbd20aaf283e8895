import type { Line, Settings } from "./settings.ts";
import { lineName } from "./words.ts";

interface Props {
  readonly line: Line;
  readonly operation: Settings["operation"];
  /** Rows of this line, and which of them this is. */
  readonly rows: number;
  readonly row: number;
}

/** The name of a line at the first of its rows. */
export function LineCell({ line, operation, rows, row }: Props) {
  if (row > 0) return null;
  return (
    <th scope="rowgroup" rowSpan={rows}>
      {lineName(line, operation)}
    </th>
  );
}
