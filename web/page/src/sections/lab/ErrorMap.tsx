import { useId, useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { Legend, PlaneView } from "../../ui/PlaneView.tsx";
import type { Settings } from "./settings.ts";
import type { Agreement } from "./verify.ts";
import { lineName, tensorName } from "./words.ts";

/** Where a tensor errs, position by position, for every line: a heat map in shares of the tolerance. */
export function ErrorMap(props: {
  agreement: readonly Agreement[];
  operation: Settings["operation"];
}) {
  const { agreement, operation } = props;
  const [chosen, setChosen] = useState<string>("dx");
  const id = useId();
  const tensors = [...new Set(agreement.map(({ tensor }) => tensor))];
  const shown = tensors.find((tensor) => tensor === chosen) ?? tensors[0];
  const maps = agreement.filter(({ tensor }) => tensor === shown);
  // One scale for all, so that lines can be compared; its end is what the worst of them takes.
  const most = Math.max(1e-3, ...maps.map(({ heat }) => worst(heat.data)));
  const scale = { min: 0, max: most, signed: false };
  return (
    <div class="error-map" data-panel="heat">
      <h4>{t("lab.agreement.heat")}</h4>
      <p class="hint">{t("lab.agreement.heatNote")}</p>
      <div class="field">
        <label class="label" for={id}>
          {t("lab.agreement.heatOf")}
        </label>
        <select id={id} value={shown} onChange={(event) => setChosen(event.currentTarget.value)}>
          {tensors.map((tensor) => (
            <option key={tensor} value={tensor}>
              {tensorName(tensor)}
            </option>
          ))}
        </select>
      </div>
      <div class="gallery">
        {maps.map(({ line, tensor, heat }) => (
          <figure key={line.id} data-line={line.id}>
            <figcaption>
              <b>{lineName(line, operation)}</b>
            </figcaption>
            <PlaneView
              {...heat}
              scale={scale}
              label={t("lab.agreement.heatLabel", {
                tensor: tensorName(tensor),
                line: lineName(line, operation),
                height: heat.height,
                width: heat.width,
              })}
              prefix={`|Δ${tensor}|[·,·`}
            />
            <Legend scale={scale} />
          </figure>
        ))}
      </div>
    </div>
  );
}

const worst = (data: Float32Array) => {
  const most = data.reduce((a, b) => Math.max(a, b), 0);
  return Number.isFinite(most) ? most : 2;
};
