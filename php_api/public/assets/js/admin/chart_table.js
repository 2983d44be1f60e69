/** Reads a chart out of the table of the page, and writes its numbers as people read them. No page is needed here. */

/**
 * @param {Iterable<{at: number, values: (number | null)[]}>} rows
 * @returns {(number | null)[][]} times, then the values of each series
 */
export function columns(rows) {
  const list = [...rows];
  const nSeries = list.length === 0 ? 0 : list[0].values.length;
  return [
    list.map((row) => row.at),
    ...Array.from({ length: nSeries }, (_, series) => list.map((row) => row.values[series])),
  ];
}

/**
 * Series one upon the other: each value with those of the series before it. What is not known counts nothing.
 *
 * @param {(number | null)[][]} series
 */
export function stacked(series) {
  const sums = series.length === 0 ? [] : series[0].map(() => 0);
  return series.map((values) => values.map((value, at) => (sums[at] += value ?? 0)));
}

/** @param {HTMLTableElement} table of templates/admin_chart.php */
export function rowsOf(table) {
  return [...table.tBodies[0].rows].map((row) => ({
    at: Number(row.dataset.at),
    values: [...row.cells].slice(1).map((cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value))),
  }));
}

const BYTES = ["", "kB", "MB", "GB", "TB"];

/**
 * A number of an axis.
 *
 * @param {number} value
 * @param {"count" | "seconds" | "hours" | "bytes"} unit
 * @param {import("../texts.js").Texts} texts
 */
export function written(value, unit, texts) {
  const plain = (number) => texts.plain(number, 1);
  if (unit === "bytes") {
    const step = value <= 0 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log10(value) / 3));
    return `${plain(value / 1000 ** step)} ${step === 0 ? texts.say("bytes") : BYTES[step]}`;
  }
  if (unit !== "seconds") return plain(value);
  if (value < 60) return `${plain(value)} s`;
  return value < 3600 ? `${plain(value / 60)} min` : `${plain(value / 3600)} h`;
}

/**
 * Distances between the marks of an axis of times: minutes and hours instead of tens.
 *
 * @param {"count" | "seconds" | "hours" | "bytes"} unit
 * @returns {number[] | undefined} undefined where tens are well
 */
export function steps(unit) {
  if (unit === "seconds") return [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 432000, 864000];
  return unit === "count" ? [1, 2, 5].flatMap((one) => [...Array(8).keys()].map((power) => one * 10 ** power)).sort((a, b) => a - b) : undefined;
}
