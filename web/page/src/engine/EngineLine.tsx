import type { ComponentChildren } from "preact";
import { formatNumber, t } from "../i18n/index.ts";
import { ThreadsSwitch } from "../offline/ThreadsSwitch.tsx";
import { FailureNotice } from "../ui/FailureNotice.tsx";
import { browserName } from "./browser.ts";
import { engine } from "./client.ts";

/** What runs: engine, build, threads, isolation, and how fine the clock is. */
export function EngineLine() {
  const state = engine.value;
  if (!state) return <p class="engine-wait">{t("engine.starting")}</p>;
  if ("failure" in state) {
    return <FailureNotice failure={state.failure} title={t("engine.failed")} />;
  }
  const { simd, threads, isolated, clockStep, version } = state.value;
  return (
    <>
      <dl class="engine" aria-label={t("engine.title")}>
        <Fact name={t("engine.browser")}>{browserName(navigator.userAgent)}</Fact>
        <Fact name={t("engine.build")}>{t(`engine.${simd}`)}</Fact>
        <Fact name={t("engine.threads")}>{threads}</Fact>
        <Fact name={t("engine.isolated")}>{t(isolated ? "engine.yes" : "engine.no")}</Fact>
        <Fact name={t("engine.clock")}>
          {formatNumber(clockStep * 1000, 2)} {t("unit.us")}
        </Fact>
        <Fact name={t("engine.version")}>{version}</Fact>
      </dl>
      <ThreadsSwitch />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
