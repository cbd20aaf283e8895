// Names of things in the laboratory, in the current language.
import { formatNumber, t } from "../../i18n/index.ts";
import type { Problem } from "./rules.ts";
import type { ResultName } from "./runners.ts";
import type { Path, Settings } from "./settings.ts";

/** A path's name; the chapter's two methods with their number. */
export function pathName(path: Path, operation: Settings["operation"] = "conv2d"): string {
  const name = operation !== "conv2d" && path === "direct" ? "directPool" : path;
  return t(`lab.how.${name}`);
}

/** What is said of a path beside its name. */
export function pathNote(path: Path): string {
  if (path === "direct") return t("lab.how.method", { number: 1 });
  if (path === "im2col") return t("lab.how.method", { number: 2 });
  return t(path === "reference" ? "lab.how.referenceNote" : "lab.how.plainNote");
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
