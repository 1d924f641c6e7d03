/** One line of a bench: what was measured, and the bound that it has to keep. */
export interface Row {
  name: string;
  value: number;
  unit: "s" | "ms" | "MB" | "×" | "";
  /** The most that is allowed; a row without one is there to be compared with the last time. */
  bound?: number;
  /** How it was measured, where the number alone would mislead. */
  how?: string;
}

/** Whether a row keeps its bound; a row without one always does. */
export const keeps = ({ value, bound }: Row): boolean => bound === undefined || value <= bound;

/** The rows as a table, with ✓ or ✗ where there is a bound. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.bound === undefined ? " " : keeps(row) ? "✓" : "✗",
    row.name,
    shown(row.value, row.unit),
    row.bound === undefined ? "" : `≤ ${shown(row.bound, row.unit)}`,
    row.how ?? "",
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(([mark = "", name = "", value = "", bound = "", how = ""]) =>
      [mark, name.padEnd(widths[1] ?? 0), value.padStart(widths[2] ?? 0), bound.padEnd(widths[3] ?? 0), how]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The middle one; of an even number the upper of the two. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The smallest value that at least this share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function shown(value: number, unit: Row["unit"]): string {
  const digits = unit === "×" || unit === "s" || !Number.isInteger(value) ? (unit === "×" ? 2 : 1) : 0;
  return `${value.toFixed(digits)}${unit === "×" || unit === "" ? unit : ` ${unit}`}`;
}
