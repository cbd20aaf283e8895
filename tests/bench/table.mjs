// Columns of text: the first to the left, the others to the right.

/** Characters a terminal needs for it; the names have no wide ones. */
const pad = (text, width, left) => (left ? text.padEnd(width) : text.padStart(width));

/** @param {string[]} head @param {string[][]} rows @param {string[][]} [foot] */
export function table(head, rows, foot = []) {
  const all = [head, ...rows, ...foot];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, i) => pad(cell, widths[i], i === 0))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  const parts = [line(head), rule, ...rows.map(line)];
  if (foot.length > 0) parts.push(rule, ...foot.map(line));
  return parts.join("\n");
}

export const none = "–";

/** Three significant digits. */
export function number(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export const interval = ({ ratio, low, high }) =>
  `${ratio.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
