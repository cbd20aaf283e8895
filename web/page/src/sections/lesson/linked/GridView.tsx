// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are worked with is a grid
// biome-ignore-all lint/a11y/noRedundantRoles: a table laid out by flex loses the roles it has by itself
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { formatNumber, t } from "../../../i18n/index.ts";
import type { Cell, Grid, Role } from "./figure.ts";
import { keyOf } from "./figure.ts";

export interface GridProps {
  readonly grid: Grid;
  readonly roles: ReadonlyMap<string, Role>;
  readonly pinned: boolean;
  readonly onHover: (cell: Cell | undefined) => void;
  readonly onFocus: (cell: Cell | undefined) => void;
  readonly onPin: (cell: Cell) => void;
  /** The cell is to be edited, starting with this character, if there is one. */
  readonly onEdit: (cell: Cell, first?: string) => void;
}

/** The last two extents as a matrix each; the outer two as their order. */
export function planesOf(shape: readonly number[]) {
  const [rows, columns] = (shape.length > 1 ? shape.slice(-2) : [1, shape[0]]) as [number, number];
  const inner = shape.length > 3 ? (shape[1] as number) : 1;
  const count = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { rows, columns, inner, count };
}

/** Where the keys lead to from a cell. */
export function movesIn(
  at: number,
  columns: number,
  last: number,
): Readonly<Record<string, number>> {
  const rowStart = at - (at % columns);
  return {
    ArrowUp: at - columns >= 0 ? at - columns : at,
    ArrowDown: at + columns <= last ? at + columns : at,
    ArrowLeft: Math.max(rowStart, at - 1),
    ArrowRight: Math.min(rowStart + columns - 1, at + 1),
    Home: rowStart,
    End: rowStart + columns - 1,
    PageUp: at % columns,
    PageDown: last - (columns - 1) + (at % columns),
  };
}

/** An ARIA grid with one tab stop; its planes are row groups, and the arrows go on from one to the next. */
export function GridView(props: GridProps) {
  const { grid, roles, pinned, onHover, onFocus, onPin, onEdit } = props;
  const { rows, columns, inner, count } = planesOf(grid.shape);
  const table = useRef<HTMLTableElement>(null);
  const [stop, setStop] = useState(0);
  const last = grid.data.length - 1;
  // Whether a cell is a zero that was put there does not depend on what is pointed at.
  const filled = useMemo(
    () => Array.from(grid.data, (_, at) => grid.sumOf?.(at).kind === "zero"),
    [grid],
  );
  const tabStop = Math.min(stop, last);

  const cellAt = (event: Event): Cell | undefined => {
    const box = (event.target as Element).closest?.("[data-at]");
    return box ? { grid: grid.id, at: Number(box.getAttribute("data-at")) } : undefined;
  };
  const go = (at: number, pointed = false) => {
    const to = Math.max(0, Math.min(last, at));
    setStop(to);
    table.current
      ?.querySelector<HTMLElement>(`[data-at="${to}"]`)
      ?.focus({ preventScroll: pointed });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const cell = cellAt(event);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = movesIn(cell.at, columns, last)[event.key];
    if (move !== undefined) go(move);
    else if (event.key === "Enter" || event.key === " ") onPin(cell);
    else if (grid.editable && event.key === "F2") onEdit(cell);
    else if (grid.editable && /^[-\d.]$/.test(event.key)) onEdit(cell, event.key);
    else return;
    event.preventDefault();
  };

  return (
    <table
      ref={table}
      role="grid"
      aria-label={`${grid.word}, ${grid.shape.join("×")}`}
      aria-readonly={grid.editable ? undefined : "true"}
      class={grid.editable ? "grid editable" : "grid"}
      onPointerOver={(event) => onHover(cellAt(event))}
      onPointerLeave={() => onHover(undefined)}
      onFocusCapture={(event) => {
        const cell = cellAt(event);
        if (cell) setStop(cell.at);
        onFocus(cell);
      }}
      onBlurCapture={() => onFocus(undefined)}
      onClick={(event) => {
        const cell = cellAt(event);
        if (!cell) return;
        // WebKit does not focus by itself what cannot be selected as text.
        go(cell.at, true);
        onPin(cell);
      }}
      onDblClick={(event) => {
        const cell = cellAt(event);
        if (cell && grid.editable) onEdit(cell);
      }}
      onKeyDown={onKeyDown}
    >
      {Array.from({ length: count }, (_, plane) => (
        <Plane
          key={plane}
          name={count > 1 ? planeName(grid, Math.floor(plane / inner), plane % inner) : ""}
        >
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row} role="row">
              {Array.from({ length: columns }, (_, column) => {
                const at = (plane * rows + row) * columns + column;
                const role = roles.get(keyOf({ grid: grid.id, at }));
                return (
                  <td
                    key={column}
                    role="gridcell"
                    data-at={at}
                    tabIndex={at === tabStop ? 0 : -1}
                    aria-selected={pinned && role === "hub" ? "true" : undefined}
                    class={`${cellClass(grid, at, role, pinned)}${filled[at] ? " filled" : ""}`}
                  >
                    {formatNumber(grid.data[at] as number, grid.digits ?? 5)}
                  </td>
                );
              })}
            </tr>
          ))}
        </Plane>
      ))}
    </table>
  );
}

function Plane({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <tbody role="rowgroup" aria-label={name || undefined} data-name={name || undefined}>
      {children}
    </tbody>
  );
}

function cellClass(grid: Grid, at: number, role: Role | undefined, pinned: boolean): string {
  const tint = grid.tint?.(at);
  return [
    role,
    role === "hub" && pinned && "pinned",
    tint !== undefined && `tint${tint}`,
    grid.pending?.(at) && "pending",
    grid.wrong?.[at] && "wrong",
  ]
    .filter(Boolean)
    .join(" ");
}

/** As the chapter counts them, from 1: sample and channel, or filter and kernel. */
function planeName({ planes, shape }: Grid, outer: number, inner: number): string {
  const [first, second] =
    planes === "filters"
      ? (["examples.filter", "examples.kernel"] as const)
      : (["examples.sample", "examples.channel"] as const);
  const names = [
    ...(shape[0] === 1 ? [] : [t(first, { n: outer + 1 })]),
    ...(shape[1] === 1 ? [] : [t(second, { n: inner + 1 })]),
  ];
  return names.join(" ");
}
