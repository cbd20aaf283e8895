import { type ComponentChildren, h } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
import { type Cell, type Figure, Links, type Role } from "./figure.ts";
import { GridView } from "./GridView.tsx";
import { PictureView } from "./PictureView.tsx";
import { SumBar } from "./SumBar.tsx";

interface Props {
  readonly figure: Figure;
  readonly label: string;
  readonly pin: Cell | undefined;
  readonly onPin: (cell: Cell | undefined) => void;
  readonly onEdit: (cell: Cell, value: number) => void;
  /** Its numbers change by themselves: too fast to be spoken. */
  readonly busy?: boolean;
  /** The player. */
  readonly children: ComponentChildren;
}

const NONE: ReadonlyMap<string, Role> = new Map();
const same = (a: Cell | undefined, b: Cell | undefined) => a?.grid === b?.grid && a?.at === b?.at;

/** Matrices of which every cell shows what it is made of and what is made of it. */
export function LinkedFigure(props: Props) {
  const { figure, label, onPin, onEdit, busy = false, children } = props;
  const [hovered, setHovered] = useState<Cell | undefined>(undefined);
  const [focused, setFocused] = useState<Cell | undefined>(undefined);
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const root = useRef<HTMLDivElement>(null);
  const links = useMemo(() => new Links(figure), [figure]);

  const pinTo = (cell: Cell | undefined) => {
    onPin(cell);
    setTyped(undefined);
  };

  const there = (cell: Cell | undefined) =>
    cell && figure.some(({ id, data }) => id === cell.grid && cell.at < data.length)
      ? cell
      : undefined;
  const pin = there(props.pin);
  const shown = pin ?? there(hovered) ?? there(focused);
  const roles = useMemo(() => (shown ? links.roles(shown) : NONE), [links, shown]);

  const edit = (cell: Cell, first?: string) => {
    onPin(cell);
    // What is typed before the field has the focus is not lost.
    setTyped((before) => (before ?? "") + (first ?? ""));
  };
  const back = (cell: Cell) => {
    setTyped(undefined);
    const grid = root.current?.querySelector(`[data-grid="${cell.grid}"]`);
    grid?.querySelector<HTMLElement>(`[data-at="${cell.at}"]`)?.focus();
  };
  return (
    <section
      class="linked"
      aria-label={label}
      ref={root}
      onKeyDown={(event) => {
        if (event.key === "Escape") pinTo(undefined);
      }}
    >
      <div class="grids">
        {figure.map((grid) => [
          grid.newLine && <span key={`before ${grid.id}`} class="break" />,
          <div key={grid.id} class="grid-box" data-grid={grid.id}>
            {grid.operator && (
              <span class="operator" aria-hidden="true">
                {grid.operator}
              </span>
            )}
            <div class="grid-body">
              <p class="grid-name">
                <b>{grid.word}</b> <code>{grid.code}</code>{" "}
                <span class="extents">{grid.shape.join("×")}</span>
                {grid.editable && <span class="pencil">{t("lesson.figure.editable")}</span>}
              </p>
              <div class="grid-scroll">
                {h(grid.picture ? PictureView : GridView, {
                  grid,
                  roles,
                  pinned: same(shown, pin),
                  onHover: (cell) => setHovered((before) => (same(before, cell) ? before : cell)),
                  onFocus: setFocused,
                  onPin: (cell) => pinTo(same(cell, pin) ? undefined : cell),
                  onEdit: edit,
                })}
              </div>
            </div>
          </div>,
        ])}
      </div>
      <SumBar
        figure={figure}
        links={links}
        cell={shown}
        pinned={pin !== undefined}
        quiet={busy || (shown !== undefined && !same(shown, pin) && !same(shown, focused))}
        typed={typed}
        onUnpin={() => pinTo(undefined)}
        onEdit={onEdit}
        onLeft={() => setTyped(undefined)}
        onEdited={back}
      />
      {children}
    </section>
  );
}
