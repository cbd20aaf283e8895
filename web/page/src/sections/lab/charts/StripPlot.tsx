import { t } from "../../../i18n/index.ts";
import { type Group, samplesOf } from "../groups.ts";
import { type RunState, useLab } from "../state.ts";
import { type Summary, summarise } from "../statistics.ts";
import { lineName, passName } from "../words.ts";
import { BottomAxis, scaleOver, ticksOf, useWidth } from "./frame.tsx";

interface Props {
  readonly run: RunState;
  readonly groups: readonly Group[];
  readonly unit: "ms" | "us" | "s";
  readonly scale: number;
}

/** All samples of every line, pass by pass; those of earlier runs below their line. */
export function StripPlots({ run, groups, unit, scale }: Props) {
  const { earlier } = useLab();
  return (
    <div class="strip-plots">
      {groups.map((group) => {
        const strips = group.rows.flatMap(({ line, samples, summary }) => [
          { name: lineName(line, run.settings.operation), path: line.path, samples, summary },
          ...earlier.value.flatMap(({ name, series }) => {
            const before = samplesOf(series, line.id, group.name);
            const sum = summarise(before);
            const label = `↳ ${name}`;
            return sum ? [{ name: label, path: "earlier", samples: before, summary: sum }] : [];
          }),
        ]);
        return (
          <StripPlot
            key={group.name}
            pass={passName(group.name)}
            strips={strips}
            unit={unit}
            factor={scale}
          />
        );
      })}
    </div>
  );
}

interface Strip {
  readonly name: string;
  readonly path: string;
  readonly samples: readonly number[];
  readonly summary: Summary;
}

const ROW = 46;
/** Height of a name, and of the samples below it. */
const NAME = 16;
const BAND = 22;
/** From this ratio of the longest to the shortest on, the axis is logarithmic. */
const WIDE = 8;

function StripPlot(props: {
  pass: string;
  strips: readonly Strip[];
  unit: Props["unit"];
  factor: number;
}) {
  const { pass, strips, unit, factor } = props;
  const [ref, width] = useWidth<HTMLDivElement>(640);
  const values = strips.flatMap(({ samples }) => samples.map((ms) => ms * factor));
  // A coarse clock may have seen no time pass at all, of which there is no logarithm.
  const shortest = Math.min(...values);
  const wide = shortest > 0 && Math.max(...values) / shortest > WIDE;
  const scale = scaleOver(values, [4, width - 12], wide);
  const bottom = strips.length * ROW + 4;
  return (
    <div class="strip-plot" ref={ref}>
      <svg width={width} height={bottom + 42} role="img" aria-label={t("lab.times.plot", { pass })}>
        <BottomAxis
          scale={scale}
          ticks={ticksOf(scale, width / 90)}
          from={0}
          to={bottom}
          end={width - 4}
          label={`${pass} · ${t("lab.times.axis", { unit: t(`unit.${unit}`) })}`}
        />
        {strips.map((strip, index) => (
          <g
            key={strip.name}
            transform={`translate(0,${index * ROW})`}
            class={`strip-${strip.path}`}
          >
            <text class="strip-name" x={4} y={NAME - 3}>
              {strip.name}
            </text>
            <StripMarks strip={strip} at={(ms) => scale(ms * factor)} />
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Dots from the first round at the top to the last; the quartiles' box; the median. */
function StripMarks({ strip, at }: { strip: Strip; at: (ms: number) => number }) {
  const { samples, summary } = strip;
  const row = (round: number) => NAME + 2 + ((BAND - 4) * round) / Math.max(1, samples.length - 1);
  const dots = samples
    .map((ms, round) => `M${at(ms).toFixed(1)} ${row(round).toFixed(1)}h0`)
    .join("");
  const { q1, median, q3 } = summary;
  return (
    <>
      <rect class="box" x={at(q1)} y={NAME} width={Math.max(1, at(q3) - at(q1))} height={BAND} />
      <path class="dots" d={dots} />
      <line class="median" x1={at(median)} x2={at(median)} y1={NAME - 1} y2={NAME + BAND + 1} />
    </>
  );
}
