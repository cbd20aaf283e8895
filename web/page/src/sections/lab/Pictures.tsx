import { useMemo, useState } from "preact/hooks";
import { formatNumber, t } from "../../i18n/index.ts";
import { NumberInput } from "../../ui/NumberField.tsx";
import { Legend, PlaneView } from "../../ui/PlaneView.tsx";
import { scaleOf } from "../../ui/palette.ts";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import type { AnyTensor, ResultName } from "./runners.ts";
import type { RunState } from "./state.ts";
import { lineName, tensorName } from "./words.ts";

type Name = ResultName | "x" | "w" | "dy";

/** The tensors in the order of the computation: forward, then back. */
const ORDER: readonly Name[] = ["x", "w", "y", "indices", "dy", "dx", "dw", "db"];

/** Input, output and gradients of the last run as pictures. */
export function Pictures({ run }: { run: RunState }) {
  const { tensors, settings } = run;
  const [sample, setSample] = useState(0);
  if (!tensors) return null;
  const all: Partial<Record<Name, AnyTensor>> = { ...tensors.work, ...tensors.results };
  const shown = Math.min(sample, settings.n - 1);
  return (
    <section class="card" aria-labelledby="pictures-title" data-panel="pictures">
      <h3 id="pictures-title">{t("lab.pictures.title")}</h3>
      <p class="hint">
        {t("lab.pictures.lead", { path: lineName(tensors.line, settings.operation) })}
      </p>
      {settings.n > 1 && (
        <Chooser
          label={t("lab.pictures.sample")}
          value={shown}
          count={settings.n}
          onChange={setSample}
        />
      )}
      <div class="gallery">
        {ORDER.map((name) => {
          const tensor = all[name];
          if (!tensor) return null;
          return tensor.shape.length === 4 ? (
            <TensorPicture key={name} name={name} tensor={tensor} sample={shown} />
          ) : (
            <ValueList key={name} name={name} tensor={tensor} />
          );
        })}
      </div>
    </section>
  );
}

/** One of a count of things, by number. */
function Chooser(props: {
  label: string;
  value: number;
  count: number;
  onChange: (value: number) => void;
}) {
  const { label, value, count, onChange } = props;
  const choose = (wanted: number) => {
    if (Number.isInteger(wanted)) onChange(Math.max(0, Math.min(count - 1, wanted)));
  };
  return (
    <div class="chooser">
      <span aria-hidden="true">{label}</span>
      <button
        type="button"
        aria-label={`${label} −1`}
        disabled={value === 0}
        onClick={() => choose(value - 1)}
      >
        ‹
      </button>
      <NumberInput
        field={label}
        label={label}
        value={value}
        min={0}
        max={count - 1}
        invalid={false}
        describedBy=""
        onChange={choose}
      />
      <button
        type="button"
        aria-label={`${label} +1`}
        disabled={value === count - 1}
        onClick={() => choose(value + 1)}
      >
        ›
      </button>
      <span class="of">/ {count - 1}</span>
    </div>
  );
}

/** Filters have no sample: their outer extent is chosen in the picture itself. */
const isFilter = (name: Name) => name === "w" || name === "dw";

function TensorPicture(props: { name: Name; tensor: AnyTensor; sample: number }) {
  const { name, tensor, sample } = props;
  const [outer, setOuter] = useState(0);
  const [inner, setInner] = useState(0);
  const [n, c, h, w] = tensor.shape as readonly [number, number, number, number];
  const first = Math.min(isFilter(name) ? outer : sample, n - 1);
  const second = Math.min(inner, c - 1);
  const scale = useMemo(() => scaleOf(tensor.data), [tensor]);
  const plane = useMemo(() => {
    const start = (first * c + second) * h * w;
    return tensor.data.subarray(start, start + h * w);
  }, [tensor, first, second, c, h, w]);
  const title = tensorName(name);
  return (
    <figure data-tensor={name}>
      <figcaption>
        <b>{title}</b> <small>{tensor.shape.join("×")}</small>
      </figcaption>
      <PlaneView
        data={plane}
        height={h}
        width={w}
        scale={scale}
        label={t("lab.pictures.plane", { name: title, height: h, width: w })}
        prefix={`${name}[${first},${second}`}
      />
      <Legend scale={scale} />
      {isFilter(name) && n > 1 && (
        <Chooser label={t("lab.pictures.filter")} value={first} count={n} onChange={setOuter} />
      )}
      {c > 1 && (
        <Chooser label={t("lab.pictures.channel")} value={second} count={c} onChange={setInner} />
      )}
    </figure>
  );
}

/** A vector, one value for each filter. */
function ValueList({ name, tensor }: { name: Name; tensor: AnyTensor }) {
  return (
    <figure data-tensor={name}>
      <figcaption>
        <b>{tensorName(name)}</b> <small>{tensor.shape.join("×")}</small>
      </figcaption>
      <ScrollBox label={`${tensorName(name)}: ${t("lab.pictures.list")}`}>
        <ol class="values" start={0}>
          {Array.from(tensor.data, (value, index) => (
            <li key={index}>
              <span>
                {name}[{index}]
              </span>
              {formatNumber(value, 6)}
            </li>
          ))}
        </ol>
      </ScrollBox>
    </figure>
  );
}
