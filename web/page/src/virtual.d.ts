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
