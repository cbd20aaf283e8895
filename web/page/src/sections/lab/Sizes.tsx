import { formatNumber, t } from "../../i18n/index.ts";
import { axisOf, geometryOf, operationsOf } from "./geometry.ts";
import { hasOutput } from "./rules.ts";
import type { Settings } from "./settings.ts";
import { useLab } from "./state.ts";
import { formatBytes, formatCount } from "./words.ts";

/** What follows from the settings: output extents with their formula, work, memory of the columns. */
export function Sizes() {
  const current = useLab().settings.value;
  if (!hasOutput(current)) return null;
  const { x, w, y, col } = geometryOf(current);
  const pools = current.operation !== "conv2d";
  return (
    <div class="card sizes">
      <h3>{t("lab.sizes.title")}</h3>
      <p class="flow">
        <Box name="x" shape={x} />
        <span class="operator">{pools ? "→" : "⋆"}</span>
        {w ? (
          <>
            <Box name="w" shape={w} />
            <span class="operator">→</span>
          </>
        ) : null}
        <Box name={pools ? "y" : "z (y)"} shape={y} />
      </p>
      <ul class="formulas">
        <li>{extentFormula(current, 0, y[2] as number)}</li>
        <li>{extentFormula(current, 1, y[3] as number)}</li>
      </ul>
      <dl class="facts">
        <div>
          <dt>{t("lab.sizes.operations")}</dt>
          <dd>{formatCount(operationsOf(current, "forward"))}</dd>
        </div>
        <div>
          <dt>{t("lab.sizes.operationsBack")}</dt>
          <dd>{formatCount(operationsOf(current, "backward"))}</dd>
        </div>
        <div>
          <dt>{t("lab.sizes.columns")}</dt>
          <dd>
            {t("lab.sizes.columnsValue", {
              rows: formatNumber(col[0], 9),
              columns: formatNumber(col[1], 9),
              size: formatBytes(4 * col[0] * col[1]),
            })}
          </dd>
        </div>
      </dl>
      <p class="hint">{t("lab.sizes.columnsNote")}</p>
    </div>
  );
}

function Box({ name, shape }: { name: string; shape: readonly number[] }) {
  return (
    <span class="shape">
      <b>{name}</b> {shape.join("×")}
    </span>
  );
}

/** "OH = ⌊(28 + 1 + 1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 28" */
function extentFormula(current: Settings, axis: 0 | 1, result: number): string {
  const { extent, kernel, stride, padding, dilation } = axisOf(current, axis);
  const up = current.operation !== "conv2d" && current.ceilMode;
  const [open, close] = up ? ["⌈", "⌉"] : ["⌊", "⌋"];
  const slack = `${extent} + ${padding} + ${padding} − ${dilation}·(${kernel} − 1) − 1`;
  return `${axis === 0 ? "OH" : "OW"} = ${open}(${slack}) / ${stride}${close} + 1 = ${result}`;
}
