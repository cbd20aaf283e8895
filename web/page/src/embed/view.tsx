// What stands in the shadow root of an element.
import { computed, signal } from "@preact/signals";
import { type ComponentChildren, render } from "preact";
import { start } from "../engine/client.ts";
import { TAGS } from "../i18n/index.ts";
import { dark as systemDark } from "../ui/theme.ts";
import { Scope } from "./Scope.tsx";
import { styles } from "./styles.ts";
import type { Values } from "./values.ts";

export interface View {
  /** Draws the content, and all that has changed. */
  draw(values: Values, content: ComponentChildren): void;
  /** Takes everything away. */
  end(): void;
}

let started = false;

/** All views share one style sheet, and one worker with one instance of the package. */
export function makeView(root: ShadowRoot): View {
  if (!started) void start();
  started = true;
  root.adoptedStyleSheets = [styles()];
  const language = signal<Values["language"]>("en");
  const theme = signal<Values["theme"]>("auto");
  const dark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));
  const rem = mediumSize(root);
  return {
    draw(values, content) {
      language.value = values.language;
      theme.value = values.theme;
      render(
        <figure>
          <div class="frame" part="frame">
            <div
              class="convgrad"
              lang={TAGS[values.language]}
              data-theme={computed(() => (dark.value ? "dark" : "light"))}
              style={{ "--rem": rem }}
            >
              <Scope language={language} dark={dark}>
                {content}
              </Scope>
            </div>
          </div>
          <figcaption part="caption">
            <slot name="caption" />
          </figcaption>
        </figure>,
        root,
      );
    },
    end: () => render(null, root),
  };
}

/**
 * The size of letters that the person has set, whatever the page makes of it: lengths in the style sheet
 * are multiples of it, since those in rem would follow the page's root.
 */
function mediumSize(root: ShadowRoot): string {
  const probe = document.createElement("span");
  probe.className = "medium";
  root.append(probe);
  const { fontSize } = getComputedStyle(probe);
  probe.remove();
  return fontSize;
}
