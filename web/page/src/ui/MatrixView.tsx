import { formatNumber } from "../i18n/index.ts";

interface Props {
  readonly label: string;
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly number[];
  /** Cells to mark: those that differ from what they should be. */
  readonly wrong?: readonly boolean[];
}

/** Numbers in brackets, each column as wide as its widest. */
export function MatrixView({ label, rows, columns, data, wrong }: Props) {
  const lines = Array.from({ length: rows }, (_, row) =>
    data.slice(row * columns, (row + 1) * columns),
  );
  return (
    <table class="matrix" aria-label={label}>
      <tbody>
        {lines.map((line, row) => (
          <tr key={row}>
            {line.map((value, column) => (
              <td key={column} class={wrong?.[row * columns + column] ? "wrong" : undefined}>
                {formatNumber(value, 6)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
