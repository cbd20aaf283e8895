/**
 * The laboratory and the lesson as custom elements, for any page: importing this module defines
 * `<convgrad-lab>` and `<convgrad-lesson>`, and touches nothing else.
 *
 * ```html
 * <script type="module">import "convgrad/element";</script>
 * <convgrad-lab op="conv2d" preset="seed-conv" lang="en"></convgrad-lab>
 * <convgrad-lesson section="col2img" lang="zh">
 *   <span slot="caption">col2img, step by step</span>
 * </convgrad-lesson>
 * ```
 * Each is drawn in a shadow root: the page's styles do not reach in, and none leak out. All elements of a
 * page share one worker with one instance of the package. What stands in the slot `caption` becomes the
 * caption; what else stands between the tags is shown only where there are no custom elements. The
 * parts `frame` and `caption` can be styled from outside.
 *
 * `lang` is `zh` or `en`; without it the nearest `lang` around the element counts, else the browser's
 * language.
 * @module
 */

/** What both elements have. */
export interface ConvGradElement extends HTMLElement {
  /**
   * The attribute `settings`: what else is set at first, as in the links that the page makes, with or
   * without the part's name before each parameter: `"n=8&kernel=5x5"` for the laboratory, `"stride=2&step=3"`
   * for the lesson. What is not legal is made to fit. Starts over when it changes.
   */
  settings: string;
  /** The attribute `theme`: `"light"`, `"dark"`, or `"auto"`, the system's. */
  theme: string;
}

/** `<convgrad-lab>`: choose an operation and parameters, run all paths, compare times and results. */
export interface ConvGradLabElement extends ConvGradElement {
  /** The attribute `op`: `"conv2d"`, `"max-pool2d"` or `"avg-pool2d"`. Starts over when it changes. */
  op: string;
  /**
   * The attribute `preset`, the settings at first: `"seed-conv"` and `"seed-pool"` are the chapter's two
   * tests; the others are called as in the page's links: `"digits-conv"`, `"edges"`, `"stride"`,
   * `"dilation"`, `"depthwise"`, `"padding"`, `"overlap"`, `"digits-mean"`. Starts over when it changes.
   */
  preset: string;
  /** What the latest `result` event had as its `detail`; undefined before the first. */
  readonly result: unknown;
  /**
   * With `"result"`: a run has ended. `detail` is the document that the export saves, parsed.
   * @param type `"result"`
   * @param listener called with the event, which bubbles
   * @param options as for any element
   */
  addEventListener(
    type: "result",
    listener: (this: ConvGradLabElement, event: CustomEvent<unknown>) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /**
   * As for any element.
   * @param type the event's name
   * @param listener what is called
   * @param options as for any element
   */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** `<convgrad-lesson>`: one section of the lesson. */
export interface ConvGradLessonElement extends ConvGradElement {
  /**
   * The attribute `section`: `"forward"`, `"dx"`, `"dw"`, `"img2col"`, `"pooling"` or `"learn"`; other
   * names of the same things, such as `"col2img"` or `"rot180"`, are understood.
   */
  section: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "convgrad-lab": ConvGradLabElement;
    "convgrad-lesson": ConvGradLessonElement;
  }
}
