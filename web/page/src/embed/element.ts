// convgrad/element: the laboratory and the lesson as custom elements. Importing this defines them, and
// touches nothing else; what they show is loaded when the first of them is on a page.
import type { View } from "./app.ts";

type App = typeof import("./app.ts");

const THEMES = ["auto", "light", "dark"] as const;

/** Where there are no elements, as under server rendering, there is something to extend all the same. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

abstract class ConvGradElement extends Base {
  #view: View | undefined;
  #app: App | undefined;

  /** What is to be drawn now. */
  protected abstract content(app: App): ReturnType<App["labOf"]>;

  connectedCallback(): void {
    void this.#connect();
  }

  /** Elements that are only moved are connected again at once, and keep what they show. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#view?.end();
      this.#view = undefined;
    });
  }

  attributeChangedCallback(): void {
    void this.#draw();
  }

  get settings(): string {
    return this.getAttribute("settings") ?? "";
  }
  set settings(value: string) {
    this.setAttribute("settings", value);
  }

  get theme(): string {
    return this.getAttribute("theme") ?? "auto";
  }
  set theme(value: string) {
    this.setAttribute("theme", value);
  }

  async #connect(): Promise<void> {
    this.#app ??= await import("./app.ts");
    if (!this.isConnected || this.#view) return;
    this.#view = this.#app.makeView(this.shadowRoot ?? this.attachShadow({ mode: "open" }));
    void this.#draw();
  }

  async #draw(): Promise<void> {
    const app = this.#app;
    if (!app || !this.#view) return;
    const language = app.languageOf(this);
    await app.loadWords(language);
    // Meanwhile it may have been removed, or asked for another language, which is drawn by itself.
    if (app.languageOf(this) !== language) return;
    const theme = app.meant("theme", this.getAttribute("theme"), THEMES) ?? "auto";
    this.#view?.draw({ language, theme }, this.content(app));
  }
}

export class ConvGradLabElement extends ConvGradElement {
  static readonly observedAttributes = ["op", "preset", "settings", "lang", "theme"];
  #result: unknown;

  get op(): string {
    return this.getAttribute("op") ?? "";
  }
  set op(value: string) {
    this.setAttribute("op", value);
  }

  get preset(): string {
    return this.getAttribute("preset") ?? "";
  }
  set preset(value: string) {
    this.setAttribute("preset", value);
  }

  get result(): unknown {
    return this.#result;
  }

  readonly #tell = (json: string): void => {
    const detail: unknown = JSON.parse(json);
    this.#result = detail;
    this.dispatchEvent(new CustomEvent("result", { detail, bubbles: true, composed: true }));
  };

  protected override content(app: App) {
    const written = (name: string) => this.getAttribute(name);
    const [op, preset, settings] = [written("op"), written("preset"), written("settings")];
    return app.labOf({ op, preset, settings }, this.#tell);
  }
}

export class ConvGradLessonElement extends ConvGradElement {
  static readonly observedAttributes = ["section", "settings", "lang", "theme"];

  get section(): string {
    return this.getAttribute("section") ?? "";
  }
  set section(value: string) {
    this.setAttribute("section", value);
  }

  protected override content(app: App) {
    return app.lessonOf(this.getAttribute("section"), this.getAttribute("settings"));
  }
}

const elements = {
  "convgrad-lab": ConvGradLabElement,
  "convgrad-lesson": ConvGradLessonElement,
};
for (const [name, element] of Object.entries(elements)) {
  // A page may have the package twice: the first one stays.
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
}
