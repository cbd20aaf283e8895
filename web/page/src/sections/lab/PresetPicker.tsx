import { formatNumber, t } from "../../i18n/index.ts";
import { type Preset, presets, published } from "./presets.ts";
import type { Settings } from "./settings.ts";
import { useLab } from "./state.ts";

export function PresetPicker() {
  const chapter = presets.filter(({ id }) => published[id]);
  const others = presets.filter(({ id }) => !published[id]);
  return (
    <div class="presets">
      <Group title={t("lab.presets.chapter")} members={chapter} className="chapter" />
      <Group title={t("lab.presets.more")} members={others} className="more" />
    </div>
  );
}

function Group(props: { title: string; members: readonly Preset[]; className: string }) {
  const { choosePreset, preset, running } = useLab();
  return (
    <fieldset class={`preset-group ${props.className}`}>
      <legend class="label">{props.title}</legend>
      <div class="preset-list">
        {props.members.map((member) => (
          <button
            key={member.id}
            type="button"
            class="preset"
            data-preset={member.id}
            aria-pressed={preset.value === member.id}
            disabled={running.value}
            onClick={() => choosePreset(member)}
          >
            <span class="preset-name">{t(`lab.presets.${member.id}`)}</span>
            <span class="preset-shape">{inShort(member.settings)}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** "64×3×28×28 ⋆ 4@3×3 p1": the extents and what is not 1 or 0 of the window. */
function inShort(settings: Settings): string {
  const { operation, n, c, h, w, k, kernel, stride, padding, dilation, groups } = settings;
  const both = ([a, b]: readonly [number, number]) => (a === b ? String(a) : `${a},${b}`);
  const window = `${kernel[0]}×${kernel[1]}`;
  const parts = [
    `${[n, c, h, w].map((extent) => formatNumber(extent)).join("×")}`,
    operation === "conv2d" ? `${k}@${window}` : window,
  ];
  if (both(stride) !== "1") parts.push(`s${both(stride)}`);
  if (both(padding) !== "0") parts.push(`p${both(padding)}`);
  if (both(dilation) !== "1") parts.push(`d${both(dilation)}`);
  if (operation === "conv2d" && groups > 1) parts.push(`g${groups}`);
  return parts.join(" · ");
}
