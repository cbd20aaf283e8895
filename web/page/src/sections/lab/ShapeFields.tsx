import { t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { PairField, SettingField, useProblemOf } from "./fields.tsx";
import { legalGroups } from "./rules.ts";
import type { Delta, Filters } from "./settings.ts";
import { useLab } from "./state.ts";

/** Extents, window and values; which fields there are depends on operation and input. */
export function ShapeFields() {
  const { change, settings } = useLab();
  const { operation, source } = settings.value;
  const convolves = operation === "conv2d";
  return (
    <div class="card">
      <h3>{t("lab.shape.title")}</h3>
      <div class="fields">
        {source === "random" && (
          <>
            <SettingField name="n" label={t("lab.shape.n")} />
            <SettingField name="c" label={t("lab.shape.c")} />
            <SettingField name="h" label={t("lab.shape.h")} />
            <SettingField name="w" label={t("lab.shape.w")} />
          </>
        )}
        {convolves && <SettingField name="k" label={t("lab.shape.k")} />}
        <PairField
          name="kernel"
          label={t(convolves ? "lab.shape.kernel" : "lab.shape.poolKernel")}
        />
        <PairField name="stride" label={t("lab.shape.stride")} />
        <PairField name="padding" label={t("lab.shape.padding")} />
        <PairField name="dilation" label={t("lab.shape.dilation")} />
        {convolves && <GroupsField />}
      </div>
      {source === "digits" && <p class="hint">{t("lab.shape.fixedDigits")}</p>}
      {convolves ? <ConvolutionFields /> : <PoolingFields />}
      <DeltaField />
      {convolves && (
        <Segmented
          legend={t("lab.shape.reduction")}
          value={settings.value.reduction}
          options={[
            { value: "sum", label: t("lab.shape.sum") },
            { value: "mean", label: t("lab.shape.mean") },
          ]}
          onChange={(reduction) => change({ reduction })}
        />
      )}
    </div>
  );
}

function GroupsField() {
  const { change, settings } = useLab();
  const problemOf = useProblemOf();
  return (
    <SelectField
      field="groups"
      label={t("lab.shape.groups")}
      value={String(settings.value.groups)}
      options={legalGroups(settings.value).map((groups) => ({
        value: String(groups),
        label: String(groups),
      }))}
      problem={problemOf("groups")}
      onChange={(groups) => change({ groups: Number(groups) })}
    />
  );
}

function ConvolutionFields() {
  const { change, settings } = useLab();
  const problemOf = useProblemOf();
  const filters: readonly { value: Filters; label: string }[] = [
    { value: "normal", label: t("lab.shape.filtersNormal") },
    { value: "edges", label: t("lab.shape.filtersEdges") },
  ];
  return (
    <SelectField
      field="filters"
      label={t("lab.shape.filters")}
      value={settings.value.filters}
      options={filters}
      problem={problemOf("filters")}
      onChange={(value) => change({ filters: value })}
    />
  );
}

function PoolingFields() {
  const { change, settings } = useLab();
  const { operation, ceilMode, countIncludePad } = settings.value;
  return (
    <div class="checks">
      <Check
        label={t("lab.shape.ceilMode")}
        checked={ceilMode}
        onChange={(value) => change({ ceilMode: value })}
      />
      {operation === "avgPool2d" && (
        <Check
          label={t("lab.shape.countIncludePad")}
          checked={countIncludePad}
          onChange={(value) => change({ countIncludePad: value })}
        />
      )}
    </div>
  );
}

function Check(props: { label: string; checked: boolean; onChange: (value: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

function DeltaField() {
  const { change, settings } = useLab();
  const deltas: readonly { value: Delta; label: string }[] = [
    { value: "ones", label: t("lab.shape.deltaOnes") },
    { value: "uniform", label: t("lab.shape.deltaUniform") },
    { value: "normal", label: t("lab.shape.deltaNormal") },
  ];
  return (
    <SelectField
      field="delta"
      label={t("lab.shape.delta")}
      value={settings.value.delta}
      options={deltas}
      onChange={(delta) => change({ delta })}
    />
  );
}
