import { useEffect, useRef, useState } from "preact/hooks";
import { paint } from "../../../ui/palette.ts";
import { dark } from "../../../ui/theme.ts";
import type { Cell, Role } from "./figure.ts";
import { type GridProps, movesIn } from "./GridView.tsx";

const ROLES: readonly Role[] = ["origin", "outcome", "source", "result", "hub"];

/** A grid of more numbers than can be read, as a picture; its cells are worked with like any others. */
export function PictureView(props: GridProps) {
  const { grid, roles, onHover, onFocus, onPin, onEdit } = props;
  const [height, width] = grid.shape.slice(-2) as [number, number];
  const canvas = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState(0);
  const isDark = dark.value;
  const { data, picture } = grid;
  useEffect(() => {
    if (canvas.current && picture) paint(canvas.current, data, height, width, picture, isDark);
  }, [data, height, width, picture, isDark]);

  const cell = { grid: grid.id, at };
  const under = (event: PointerEvent | MouseEvent): Cell => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const place = (share: number, count: number) =>
      Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    const row = place((event.clientY - box.top) / box.height, height);
    const column = place((event.clientX - box.left) / box.width, width);
    return { grid: grid.id, at: row * width + column };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movesIn(at, width, data.length - 1)[event.key];
    if (to !== undefined) {
      setAt(to);
      onFocus({ ...cell, at: to });
    } else if (event.key === "Enter" || event.key === " ") onPin(cell);
    else if (grid.editable && event.key === "F2") onEdit(cell);
    else if (grid.editable && /^[-\d.]$/.test(event.key)) onEdit(cell, event.key);
    else return;
    event.preventDefault();
  };
  const marked = (role: Role) => {
    const has = (row: number, column: number) =>
      row >= 0 &&
      row < height &&
      column >= 0 &&
      column < width &&
      roles.get(`${grid.id}:${row * width + column}`) === role;
    let [area, edge] = ["", ""];
    for (let i = 0; i < data.length; ++i) {
      const [y, x] = [Math.floor(i / width), i % width];
      if (!has(y, x)) continue;
      area += `M${x} ${y}h1v1h-1z`;
      // Only around what belongs together: a frame for every cell would hide the picture.
      if (!has(y - 1, x)) edge += `M${x} ${y}h1`;
      if (!has(y + 1, x)) edge += `M${x} ${y + 1}h1`;
      if (!has(y, x - 1)) edge += `M${x} ${y}v1`;
      if (!has(y, x + 1)) edge += `M${x + 1} ${y}v1`;
    }
    return (
      area && (
        <g key={role} class={role}>
          <path class="area" d={area} />
          <path d={edge} />
        </g>
      )
    );
  };
  return (
    // An application to screen readers: arrow keys are its own, the sum below tells the value.
    <div
      class="picture-grid"
      role="application"
      aria-label={`${grid.word}, ${grid.shape.join("×")}`}
      data-at={at}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: focus reads values as a pointer does
      tabIndex={0}
      style={{ aspectRatio: `${width} / ${height}` }}
      onPointerMove={(event) => onHover(under(event))}
      onPointerLeave={() => onHover(undefined)}
      onFocus={() => onFocus(cell)}
      onBlur={() => onFocus(undefined)}
      onClick={(event) => {
        const clicked = under(event);
        event.currentTarget.focus();
        setAt(clicked.at);
        onPin(clicked);
      }}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} />
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {ROLES.map(marked)}
      </svg>
    </div>
  );
}
