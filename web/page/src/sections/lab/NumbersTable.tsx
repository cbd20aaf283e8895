import type { ComponentChildren } from "preact";
import { ScrollBox } from "../../ui/ScrollBox.tsx";

interface Props {
  readonly label: string;
  /** Names of the columns; of some, also the class. */
  readonly columns: readonly (string | { readonly name: string; readonly class: string })[];
  readonly class?: string;
  readonly "data-panel"?: string;
  /** The bodies of the table. */
  readonly children: ComponentChildren;
}

/** A table of numbers, in a box in which it scrolls. */
export function NumbersTable({ label, columns, class: kind = "", children, ...rest }: Props) {
  return (
    <ScrollBox label={label}>
      <table {...rest} class={`numbers ${kind}`}>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === "string" ? (
                <th key={column} scope="col">
                  {column}
                </th>
              ) : (
                <th key={column.name} scope="col" class={column.class}>
                  {column.name}
                </th>
              ),
            )}
          </tr>
        </thead>
        {children}
      </table>
    </ScrollBox>
  );
}
