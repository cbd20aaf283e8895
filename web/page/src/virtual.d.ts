declare module "virtual:digits" {
  /** Where the file is. */
  export const url: string;
  /** How many digits it holds. */
  export const count: number;
  export const height: number;
  export const width: number;
}

declare module "*.tex" {
  const formulas: Readonly<Record<string, import("./ui/Formula.tsx").Mathml>>;
  export default formulas;
}

declare module "virtual:shadow-styles" {
  /** The page's styles for the shadow roots of elements. */
  const css: string;
  export default css;
}

declare module "virtual:words" {
  /** Where the words are that elements fetch, by language. */
  export const urls: Readonly<Record<"zh" | "en", string>>;
}
