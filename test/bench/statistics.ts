/** What is told of many measurements of the same thing. */

/** The nearest-rank percentile: the smallest value that `percent` of all are not above. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const hundredths = (value: number): number => Math.round(value * 100) / 100;
