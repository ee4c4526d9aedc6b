// Keeps one processor busy, in slices between which it looks whether whoever started it is still there: it ends when its
// standard input does, which the system closes however that process ends.
process.stdin.resume().on('end', () => process.exit())
spin()

function spin(): void {
  const end = performance.now() + 20
  while (performance.now() < end);
  setImmediate(spin)
}
