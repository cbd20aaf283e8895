import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { formatNumber, t } from "../i18n/index.ts";
import { paint, type Scale } from "./palette.ts";
import { Dark } from "./theme.ts";

interface Props {
  /** [height, width] */
  readonly data: Float32Array | Int32Array;
  readonly height: number;
  readonly width: number;
  readonly scale: Scale;
  readonly label: string;
  /** How the tensor is called in the readout, before the indices: "dx[0,2". */
  readonly prefix: string;
}

type Cell = readonly [row: number, column: number];

const MOVES: Readonly<Record<string, Cell>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A plane of a tensor as a picture whose values can be read by pointer, touch or keyboard. */
export function PlaneView({ data, height, width, scale, label, prefix }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cell, setCell] = useState<Cell | undefined>(undefined);
  const isDark = useContext(Dark).value;
  useEffect(() => {
    if (canvas.current) paint(canvas.current, data, height, width, scale, isDark);
  }, [data, height, width, scale, isDark]);

  const inside = cell && cell[0] < height && cell[1] < width ? cell : undefined;
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    if (row >= 0 && row < height && column >= 0 && column < width) setCell([row, column]);
  };
  const move = (event: KeyboardEvent) => {
    const step = MOVES[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = inside ?? [0, 0];
    setCell([
      Math.max(0, Math.min(height - 1, row + step[0])),
      Math.max(0, Math.min(width - 1, column + step[1])),
    ]);
  };
  const percent = (share: number) => `${100 * share}%`;
  return (
    <div class="plane-view">
      {/* An application to screen readers: arrow keys are its own, the readout tells the value. */}
      <div
        class="plane"
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: focus reads values as a pointer does
        tabIndex={0}
        style={{ aspectRatio: `${width} / ${height}` }}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={(event) => event.pointerType === "mouse" && setCell(undefined)}
        onFocus={() => setCell((before) => before ?? [0, 0])}
        onKeyDown={move}
      >
        <canvas ref={canvas} />
        {inside && (
          <span
            class="cursor"
            style={{
              top: percent(inside[0] / height),
              left: percent(inside[1] / width),
              width: percent(1 / width),
              height: percent(1 / height),
            }}
          />
        )}
      </div>
      <p class="readout" aria-live="polite">
        {inside
          ? `${prefix},${inside[0]},${inside[1]}] = ${formatNumber(data[inside[0] * width + inside[1]] as number, 6)}`
          : t("lab.pictures.hint")}
      </p>
    </div>
  );
}

/** What the colours of a plane mean. */
export function Legend({ scale }: { scale: Scale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useContext(Dark).value;
  useEffect(() => {
    const steps = Array.from(
      { length: 101 },
      (_, i) => scale.min + ((scale.max - scale.min) * i) / 100,
    );
    if (canvas.current) paint(canvas.current, steps, 1, steps.length, scale, isDark);
  }, [scale, isDark]);
  return (
    <div class="legend">
      <canvas ref={canvas} />
      <p>
        <span>{formatNumber(scale.min)}</span>
        {scale.signed && <span>0</span>}
        <span>{formatNumber(scale.max)}</span>
      </p>
    </div>
  );
}
