// Names of things in the laboratory, in the current language.
import { engine } from "../../engine/client.ts";
import { formatNumber, t } from "../../i18n/index.ts";
import type { Problem } from "./rules.ts";
import type { ResultName } from "./runners.ts";
import type { Line, Pass, Path, Settings } from "./settings.ts";
import type { Estimate } from "./statistics.ts";

/** A path's name; the chapter's two methods with their number. */
export function pathName(path: Path, operation: Settings["operation"] = "conv2d"): string {
  const name = operation !== "conv2d" && path === "direct" ? "directPool" : path;
  return t(`lab.how.${name}`);
}

/** How many threads the engine runs by itself. */
export function threadCount(): number {
  const state = engine.value;
  return state && "value" in state ? state.value.threads : 1;
}

/** A line's name: the path, and the build where it is not the usual one. */
export function lineName({ path, build }: Line, operation: Settings["operation"]): string {
  const name = pathName(path, operation);
  if (build === "main") return name;
  const further =
    build === "baseline" ? t("lab.how.baseline") : t("lab.how.threads", { count: threadCount() });
  return `${name} · ${further}`;
}

export const passName = (name: Pass | "both") =>
  name === "both" ? t("lab.times.both") : t(`lab.how.${name}`);

/** "1.32 [1.29, 1.35]" */
export function estimateText(estimate: Estimate | undefined): string {
  if (!estimate) return "";
  const { value, low, high } = estimate;
  return `${formatNumber(value)}× [${formatNumber(low)}, ${formatNumber(high)}]`;
}

/** "64×3×28×28 · 4@3×3 · p1": the extents and what is not 1 or 0 of the window. */
export function inShort(settings: Settings): string {
  const { operation, n, c, h, w, k, kernel, stride, padding, dilation, groups } = settings;
  const both = ([a, b]: readonly [number, number]) => (a === b ? String(a) : `${a},${b}`);
  const window = kernel.join("×");
  const parts = [[n, c, h, w].join("×"), operation === "conv2d" ? `${k}@${window}` : window];
  if (both(stride) !== "1") parts.push(`s${both(stride)}`);
  if (both(padding) !== "0") parts.push(`p${both(padding)}`);
  if (both(dilation) !== "1") parts.push(`d${both(dilation)}`);
  if (operation === "conv2d" && groups > 1) parts.push(`g${groups}`);
  return parts.join(" · ");
}

/** What is said of a path beside its name. */
export function pathNote(path: Path): string {
  if (path === "direct") return t("lab.how.method", { number: 1 });
  if (path === "im2col") return t("lab.how.method", { number: 2 });
  return t(`lab.how.${path}Note`);
}

export function problemText({ reason, values }: Problem): string {
  const written = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, formatNumber(value, 4)]),
  );
  return t(`lab.problem.${reason}`, written);
}

export const tensorName = (name: ResultName | "x" | "w" | "dy") => t(`lab.pictures.${name}`);

/** Bytes in the unit that suits them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"] as const;
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), 3);
  return `${formatNumber(bytes / 1024 ** power)} ${units[power]}`;
}

/** Large counts with M or G behind them. */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${formatNumber(count / 1e9)} G`;
  if (count >= 1e6) return `${formatNumber(count / 1e6)} M`;
  return formatNumber(count, 6);
}
