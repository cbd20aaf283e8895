// The charts and their library come when there is first something to draw.
import { signal } from "@preact/signals";
import type { ComponentProps } from "preact";
import type * as Charts from "./index.ts";

const loaded = signal<typeof Charts | undefined>(undefined);
let asked = false;

function charts(): typeof Charts | undefined {
  if (!asked) {
    asked = true;
    void import("./index.ts").then(
      (found) => {
        loaded.value = found;
      },
      () => {
        asked = false;
      },
    );
  }
  return loaded.value;
}

export function StripPlots(props: ComponentProps<typeof Charts.StripPlots>) {
  const Chart = charts()?.StripPlots;
  return Chart ? <Chart {...props} /> : <div class="chart-wait" />;
}

export function SweepChart(props: ComponentProps<typeof Charts.SweepChart>) {
  const Chart = charts()?.SweepChart;
  return Chart ? <Chart {...props} /> : <div class="chart-wait" />;
}
