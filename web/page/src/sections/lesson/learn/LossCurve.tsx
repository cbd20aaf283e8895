import { formatNumber, t } from "../../../i18n/index.ts";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 200, 84, 30];
/** More points than these are not seen. */
const POINTS = 300;

/** The loss over the steps, by its logarithm, and the step that is looked at. */
export function LossCurve({ losses, at }: { losses: readonly number[]; at: number }) {
  const finite = losses.filter((loss) => Number.isFinite(loss) && loss > 0);
  const logs = finite.map(Math.log10);
  const [low, high] = [Math.floor(Math.min(0, ...logs)), Math.ceil(Math.max(0, ...logs))];
  const span = Math.max(1, high - low);
  const last = Math.max(1, losses.length - 1);
  const every = Math.max(1, Math.ceil(losses.length / POINTS));
  const y = (log: number) => 8 + ((high - log) / span) * (HEIGHT - BOTTOM - 8);
  const points = losses
    .map((loss, i) => [i, loss] as const)
    .filter(([i, loss]) => (i % every === 0 || i === last) && Number.isFinite(loss) && loss > 0)
    .map(([i, loss]) => `${LEFT + (i / last) * (WIDTH - LEFT - 8)},${y(Math.log10(loss))}`);
  const label = t("lesson.learn.curve", {
    steps: at,
    loss: formatNumber(losses[at] as number),
  });
  const here = LEFT + (at / last) * (WIDTH - LEFT - 8);
  return (
    <svg class="loss-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[low, Math.round((low + high) / 2), high].map((log) => (
        <g key={log}>
          <line class="rule" x1={LEFT} x2={WIDTH - 8} y1={y(log)} y2={y(log)} />
          <text x={LEFT - 6} y={y(log) + 4} text-anchor="end">
            {formatNumber(10 ** log, 1)}
          </text>
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 6}>
        0
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 6} text-anchor="end">
        {losses.length - 1}
      </text>
      <line class="here" x1={here} x2={here} y1={8} y2={HEIGHT - BOTTOM} />
      <polyline points={points.join(" ")} />
      {(losses[at] as number) > 0 && (
        <circle cx={here} cy={y(Math.log10(losses[at] as number))} r={5} />
      )}
    </svg>
  );
}
