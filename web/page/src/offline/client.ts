// The page's end of its service worker: registers it, and turns threads on by it where the host sends
// no headers. Whether they are wanted stands in the address, ?isolate=1, where the worker sees it too.
import { signal } from "@preact/signals";

/**
 * How threads stand: "host": its headers give them; "off" and "on": by the switch; "starting": the page is
 * about to be loaded anew; "refused": it was, in vain; "none": there is nothing to turn them on by.
 */
export type Isolation = "host" | "off" | "on" | "starting" | "refused" | "none";

export const isolation = signal<Isolation>("none");

/** Beside the page; the build in one file and the development server have none. */
const FILE = "sw.js";
const exists = import.meta.env.PROD && import.meta.env.MODE !== "single";
const asked = () => new URL(location.href).searchParams.get("isolate") === "1";

/** Kept with the visit's entry in the history: a page that comes back without headers is not loaded again. */
const reloaded = () => (history.state as { isolating?: boolean } | null)?.isolating === true;
function noteReload(isolating: boolean): void {
  history.replaceState({ ...history.state, isolating }, "");
}

/** Called once; `ready` settles when the page has all it needs, so that copies do not delay it. */
export async function startOffline(ready: Promise<unknown>): Promise<void> {
  const able = exists && isSecureContext && "serviceWorker" in navigator;
  const wanted = asked();
  if (crossOriginIsolated) {
    isolation.value = wanted && able && navigator.serviceWorker.controller ? "on" : "host";
    if (reloaded()) noteReload(false);
  } else if (able) {
    isolation.value = !wanted ? "off" : reloaded() ? "refused" : "starting";
  }
  if (!able) return;
  try {
    if (isolation.value !== "starting") await ready;
    await navigator.serviceWorker.register(FILE);
    if (isolation.value !== "starting") return;
    await navigator.serviceWorker.ready;
    noteReload(true);
    location.reload();
  } catch {
    // Storage may be forbidden or full. The page works all the same, with a network and one thread.
    isolation.value = isolation.value === "starting" ? "refused" : isolation.value;
  }
}

/** Loads the page anew, with threads or without. */
export function setIsolation(on: boolean): void {
  const address = new URL(location.href);
  if (on) address.searchParams.set("isolate", "1");
  else address.searchParams.delete("isolate");
  noteReload(false);
  if (address.href === location.href) location.reload();
  else location.replace(address);
}
