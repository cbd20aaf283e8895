import { formatNumber, t } from "../../../i18n/index.ts";
import type { Pass } from "../settings.ts";
import type { SweepState } from "../state.ts";
import { crossingsOf, isWide, type SweepPoint } from "../sweep.ts";
import { passName, pathName } from "../words.ts";
import { BottomAxis, LeftAxis, scaleOver, ticksOf, useWidth } from "./frame.tsx";

export type Metric = "time" | "rate";

interface Curve {
  readonly path: "direct" | "im2col";
  readonly pass: Pass;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low: number;
    readonly high: number;
  }[];
}

const MARGIN = { top: 26, right: 16, bottom: 44, left: 58 };
const HEIGHT = 340;
const CURVES = (["forward", "backward"] as const).flatMap((pass) =>
  (["direct", "im2col"] as const).map((path) => ({ pass, path })),
);
/** A disc of method 1, a square of method 2. */
const MARKS = { direct: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", im2col: "M-3.6-3.6h7.2v7.2h-7.2Z" };

/** Both methods in both directions over the parameter; where they cross, a line down to the axis. */
export function SweepChart({ sweep, metric }: { sweep: SweepState; metric: Metric }) {
  const [ref, width] = useWidth<HTMLDivElement>(720);
  const { plan, points } = sweep;
  const curves = CURVES.map(
    ({ pass, path }): Curve => ({
      pass,
      path,
      points: points.flatMap((point) => curvePoint(point, path, pass, metric)),
    }),
  );
  const values = curves.flatMap((curve) => curve.points.flatMap(({ low, high }) => [low, high]));
  const right = width - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const x = scaleOver([plan.from, plan.to], [MARGIN.left, right], isWide(plan));
  const y = scaleOver(values, [bottom, MARGIN.top], metric === "time");
  const draw = (line: Curve["points"]) => line.map((p) => `${x(p.x)},${y(p.y)}`).join(" ");
  const crossings = CURVES.filter(({ path }) => path === "direct").flatMap(({ pass }) =>
    crossingsOf(points, pass),
  );
  const words = {
    metric: t(metric === "time" ? "lab.sweep.time" : "lab.sweep.rate"),
    parameter: t(`lab.sweep.${plan.parameter}`),
  };
  return (
    <div class="sweep-chart" ref={ref}>
      <Key />
      <svg width={width} height={HEIGHT} role="img" aria-label={t("lab.sweep.chart", words)}>
        <BottomAxis
          scale={x}
          ticks={points.map(({ value }) => value).filter(spaced(x, 34))}
          from={MARGIN.top}
          to={bottom}
          end={right}
          label={words.parameter}
        />
        <LeftAxis
          scale={y}
          ticks={ticksOf(y, 6)}
          from={MARGIN.left}
          to={right}
          end={14}
          label={metric === "time" ? t("lab.sweep.timeAxis") : "GFLOP/s"}
        />
        {crossings.map(({ pass, value }) => (
          <g
            key={`${pass} ${value}`}
            class={`crossing ${pass}`}
            transform={`translate(${x(value)},0)`}
          >
            <line y1={MARGIN.top} y2={bottom} />
            <text y={MARGIN.top - 6} text-anchor="middle">
              {passName(pass)} ≈ {formatNumber(value, 2)}
            </text>
          </g>
        ))}
        {curves.map(({ path, pass, points: drawn }) => (
          <g key={`${path} ${pass}`} class={`curve ${path} ${pass}`} data-curve={`${path} ${pass}`}>
            <polyline class="line" points={draw(drawn)} />
            {drawn.map((point) => (
              <g key={point.x} transform={`translate(${x(point.x)},${y(point.y)})`}>
                <line
                  class="spread"
                  y1={y(point.low) - y(point.y)}
                  y2={y(point.high) - y(point.y)}
                />
                <path class="mark" d={MARKS[path]} />
              </g>
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Time or rate with its quartiles. */
function curvePoint(point: SweepPoint, path: string, pass: Pass, metric: Metric) {
  const found = point.times.find((each) => each.line.path === path && each.pass === pass);
  if (!found) return [];
  const { q1, median, q3 } = found.summary;
  const measure = (ms: number) => (metric === "time" ? ms : point.operations[pass] / ms / 1e6);
  const [low, high] = [measure(q1), measure(q3)].sort((a, b) => a - b) as [number, number];
  return [{ x: point.value, y: measure(median), low, high }];
}

/** Keeps those ticks that have so many pixels to the one kept before. */
function spaced(scale: (value: number) => number, pixels: number) {
  let last = Number.NEGATIVE_INFINITY;
  return (value: number) => {
    if (scale(value) - last < pixels) return false;
    last = scale(value);
    return true;
  };
}

/** Which line is which: by mark, dashes and colour. */
function Key() {
  return (
    <ul class="curve-key">
      {CURVES.map(({ path, pass }) => (
        <li key={`${path} ${pass}`}>
          <svg width="46" height="14" aria-hidden="true" class={`curve ${path} ${pass}`}>
            <path class="line" d="M1 7H45" />
            <path class="mark" d={MARKS[path]} transform="translate(23,7)" />
          </svg>
          {passName(pass)} · {pathName(path)}
        </li>
      ))}
    </ul>
  );
}
