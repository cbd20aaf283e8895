import css from "virtual:shadow-styles";

let sheet: CSSStyleSheet | undefined;

/** Constructed, so that no content policy has anything against it; made once. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
