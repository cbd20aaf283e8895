// A change to the settings, and what has to follow from it so that the rest stays legal.
import { DIGITS, legalGroups } from "./rules.ts";
import { applies, type Pair, type Settings } from "./settings.ts";

/** The settings with the changes, and with whatever these leave no choice about. */
export function adapt(before: Settings, changes: Partial<Settings>): Settings {
  let after: Settings = { ...before, ...changes };
  const becomes = (more: Partial<Settings>) => {
    after = { ...after, ...more };
  };
  if (after.source === "digits") becomes({ c: 1, h: DIGITS.height, w: DIGITS.width });
  if (after.source === "picture") becomes({ n: 1, c: after.planes === "rgb" ? 3 : 1 });
  if (after.source === "digits" && before.source !== "digits") {
    becomes({ n: Math.min(after.n, DIGITS.count - after.firstDigit) });
  }
  if (after.operation !== "conv2d" && before.operation === "conv2d") {
    const below = (a: 0 | 1) => Math.min(after.padding[a], after.kernel[a] - 1);
    const padding: Pair = [below(0), below(1)];
    becomes({ padding, ...(after.delta === "ones" ? { delta: "uniform" as const } : {}) });
    becomes({ paths: after.paths.filter((path) => applies(path, after)) });
  }
  const groups = legalGroups(after);
  if (groups.length > 0 && !groups.includes(after.groups)) {
    becomes({ groups: groups.findLast((g) => g <= after.groups) ?? 1 });
  }
  return after;
}

/** Extents of a picture whose longer side has `side` pixels. */
export function fit(width: number, height: number, side: number): { h: number; w: number } {
  const scale = side / Math.max(width, height);
  const size = (extent: number) => Math.max(1, Math.round(extent * scale));
  return { h: size(height), w: size(width) };
}
