// Medians, percentiles and tables.

export const sorted = (values) => [...values].sort((a, b) => a - b)

// The p-th percentile (0 to 1) by linear interpolation between the closest ranks.
export function percentile(values, p) {
  const all = sorted(values)
  if (!all.length) return NaN
  const rank = (all.length - 1) * p
  const low = Math.floor(rank)
  return all[low] + (all[Math.ceil(rank)] - all[low]) * (rank - low)
}

export const median = (values) => percentile(values, 0.5)

export const summary = (values) => ({
  rounds: values.length, median: median(values), p90: percentile(values, 0.9), min: Math.min(...values), max: Math.max(...values),
})

export const ms = (v) => (Number.isFinite(v) ? `${v.toFixed(0)} ms` : '–')
export const kbps = (v) => (Number.isFinite(v) ? `${v.toFixed(0)} kbit/s` : '–')
export const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
export const MB = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`
// Memory is counted in units of 2^20, as the kernel and WebAssembly do.
export const MiB = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

// table prints rows of cells below a title; the first column is text, the others are numbers.
export function table(title, head, rows) {
  const all = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)))
  const line = (row) => '  ' + row.map((c, i) => (i ? c.padStart(widths[i]) : c.padEnd(widths[i]))).join('  ')
  console.log(`\n${title}`)
  console.log(line(all[0]))
  console.log('  ' + widths.map((w) => '-'.repeat(w)).join('  '))
  for (const row of all.slice(1)) console.log(line(row))
}
