import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { digits, fetchDigits, pixelsOf } from "./digits.ts";
import { SettingField, useProblemOf } from "./fields.tsx";
import { planesOf } from "./picture.ts";
import { DIGITS } from "./rules.ts";
import type { Source } from "./settings.ts";
import { picture, useLab } from "./state.ts";

const SOURCES: readonly Source[] = ["digits", "picture", "random"];
const SIDES = [16, 32, 64, 96, 128, 192, 256, 384, 512];
/** Digits shown of those chosen. */
const SHOWN = 24;

export function InputFields() {
  const { change, settings } = useLab();
  const { source } = settings.value;
  return (
    <div class="card">
      <h3>{t("lab.input.title")}</h3>
      <Segmented
        quiet
        legend={t("lab.input.title")}
        value={source}
        options={SOURCES.map((value) => ({ value, label: t(`lab.input.${value}`) }))}
        onChange={(value) => change({ source: value })}
      />
      {source === "digits" && <DigitFields />}
      {source === "picture" && <PictureFields />}
      {source === "random" && <RandomFields />}
    </div>
  );
}

function DigitFields() {
  const { settings } = useLab();
  const { firstDigit, n } = settings.value;
  useEffect(() => void fetchDigits(), []);
  return (
    <>
      <div class="fields">
        <SettingField name="firstDigit" label={t("lab.input.firstDigit")} />
        <SettingField name="n" label={t("lab.shape.n")} />
      </div>
      <DigitStrip first={firstDigit} n={n} />
    </>
  );
}

/** The first of the chosen digits, side by side. */
function DigitStrip({ first, n }: { first: number; n: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const loaded = digits.value;
  const sound = useProblemOf()("firstDigit", "n") === undefined;
  const count = sound ? Math.min(n, SHOWN) : 0;
  useEffect(() => {
    if (!canvas.current || !loaded || loaded === "failed" || count === 0) return;
    const { height, width } = DIGITS;
    const perRow = Math.min(count, 12);
    canvas.current.width = perRow * width;
    canvas.current.height = Math.ceil(count / perRow) * height;
    const context = canvas.current.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let i = 0; i < count; ++i) {
      pixelsOf(loaded, first + i, 1).forEach((value, at) => {
        const ink = Math.round(255 * value);
        image.data.set([ink, ink, ink, 255], 4 * at);
      });
      context.putImageData(image, (i % perRow) * width, Math.floor(i / perRow) * height);
    }
  }, [loaded, first, count]);
  if (!loaded) return <p class="hint">{t("lab.input.loadingDigits")}</p>;
  if (loaded === "failed") return <p class="problem">{t("lab.input.digitsFailed")}</p>;
  if (count === 0) return null;
  const labels = [...loaded.labels.subarray(first, first + count)].join(" ");
  const words = t(count < n ? "lab.input.previewMore" : "lab.input.preview", { labels });
  return <canvas class="strip" ref={canvas} role="img" aria-label={words} />;
}

function PictureFields() {
  const { change, choosePicture, setSide, settings, unreadable } = useLab();
  const [over, setOver] = useState(false);
  const own = picture.value;
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) void choosePicture(file);
  };
  const { h, w, planes } = settings.value;
  const side = Math.max(h, w);
  const sides = SIDES.includes(side) ? SIDES : [...SIDES, side].sort((a, b) => a - b);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has the file button as its equal */}
      <div
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer?.files);
        }}
      >
        <Thumbnail />
        <div>
          <label class="file">
            <input
              type="file"
              accept="image/*"
              class="hidden"
              onChange={(event) => take(event.currentTarget.files)}
            />
            <span role="presentation">{t("lab.input.choose")}</span>
          </label>
          <p class="hint">
            {own
              ? t("lab.input.own", { name: own.name, width: own.width, height: own.height })
              : t("lab.input.sample")}
          </p>
          <p class="hint">{t("lab.input.drop")}</p>
        </div>
      </div>
      {unreadable.value && (
        <p class="problem" role="alert">
          {t("lab.input.unreadable", { name: unreadable.value })}
        </p>
      )}
      <div class="fields">
        <SelectField
          field="side"
          label={t("lab.input.side")}
          value={String(side)}
          options={sides.map((value) => ({ value: String(value), label: String(value) }))}
          onChange={(value) => setSide(Number(value))}
        />
        <Segmented
          legend={t("lab.input.planes")}
          value={planes}
          options={[
            { value: "grey", label: t("lab.input.grey") },
            { value: "rgb", label: t("lab.input.rgb") },
          ]}
          onChange={(value) => change({ planes: value })}
        />
      </div>
    </>
  );
}

/** The picture as the run will see it. */
function Thumbnail() {
  const { settings } = useLab();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { h, w, planes } = settings.value;
  const own = picture.value;
  const data = useMemo(() => planesOf(own, h, w, planes), [own, h, w, planes]);
  useEffect(() => {
    if (!canvas.current) return;
    canvas.current.width = w;
    canvas.current.height = h;
    const context = canvas.current.getContext("2d");
    if (!context) return;
    const image = context.createImageData(w, h);
    const area = h * w;
    const plane = (c: number) => (planes === "rgb" ? c * area : 0);
    for (let i = 0; i < area; ++i) {
      const rgb = [0, 1, 2].map((c) => Math.round(255 * (data[plane(c) + i] as number)));
      image.data.set([...rgb, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }, [data, h, w, planes]);
  return <canvas class="thumbnail" ref={canvas} />;
}

function RandomFields() {
  const { change, settings } = useLab();
  const { distribution } = settings.value;
  return (
    <div class="fields">
      <SelectField
        field="distribution"
        label={t("lab.input.distribution")}
        value={distribution}
        options={[
          { value: "normal", label: t("lab.input.normal") },
          { value: "uniform", label: t("lab.input.uniform") },
        ]}
        onChange={(value) => change({ distribution: value })}
      />
    </div>
  );
}
