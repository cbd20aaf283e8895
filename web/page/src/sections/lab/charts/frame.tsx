// What all charts share: their width on the page, scales, and an axis.
import { extent, range, ticks } from "d3-array";
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatNumber } from "../../../i18n/index.ts";

/** The width that an element has, in pixels, as it changes; a chart's words keep their size that way. */
export function useWidth<E extends Element>(first: number): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** Where a value is drawn, and the values worth a tick: by differences, or by factors. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
  readonly logarithmic: boolean;
}

/** A scale over these values with some air around. */
export function scaleOver(
  values: readonly number[],
  ends: readonly [number, number],
  logarithmic: boolean,
): Scale {
  const [least, most] = extent(values) as [number, number];
  const air = logarithmic ? (most / least) ** 0.05 * 1.02 : (most - least || most) * 0.06;
  const domain = logarithmic
    ? ([least / air, most * air] as const)
    : ([Math.max(0, least - air), most + air] as const);
  const measure = logarithmic ? Math.log : (value: number) => value;
  const [from, to] = [measure(domain[0]), measure(domain[1])];
  const place = (value: number) =>
    ends[0] + ((measure(value) - from) / (to - from)) * (ends[1] - ends[0]);
  return Object.assign(place, { domain, logarithmic });
}

/** Some `count` round values that the scale covers. */
export function ticksOf({ domain, logarithmic }: Scale, count: number): readonly number[] {
  const [low, high] = domain;
  if (!logarithmic || high / low < 4) return ticks(low, high, count);
  const powers = range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1);
  const multiples = [[1, 2, 3, 5], [1, 2, 5], [1, 3], [1]].map((factors) =>
    powers
      .flatMap((power) => factors.map((factor) => factor * 10 ** power))
      .filter((tick) => tick >= low && tick <= high),
  );
  return multiples.find(({ length }) => length <= count + 1) ?? (multiples.at(-1) as number[]);
}

interface AxisProps {
  readonly scale: Scale;
  readonly ticks: readonly number[];
  /** The other end of the grid lines. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly end: number;
}

export function BottomAxis({ scale, ticks, from, to, label, end }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale(tick)},0)`}>
          <line y1={from} y2={to} />
          <text y={to + 16} text-anchor="middle">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      <text class="axis-label" x={end} y={to + 34} text-anchor="end">
        {label}
      </text>
    </g>
  );
}

export function LeftAxis({ scale, ticks, from, to, label, end }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(0,${scale(tick)})`}>
          <line x1={from} x2={to} />
          <text x={from - 6} dy="0.32em" text-anchor="end">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      <text class="axis-label" x={0} y={end}>
        {label}
      </text>
    </g>
  );
}
