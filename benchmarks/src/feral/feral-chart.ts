import { init } from 'echarts'
import { figuresAt } from './feral-findings.ts'
import type { FeralFindings } from './feral-findings.ts'
import { feralWays } from './feral-ways.ts'

/** Draws an SVG: the duplicates of each way over the connections. Not on a logarithmic scale, which has no place for none. */
export function feralChart(findings: FeralFindings): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 1000, height: 520 })
  chart.setOption({
    animation: false,
    // A background of its own, for readers with a dark page.
    backgroundColor: '#ffffff',
    title: {
      text: 'duplicate rows over the connections',
      subtext: `${findings.rounds} keys, each asked for by ${findings.requests} requests at once`,
      left: 16,
      top: 10,
    },
    grid: { left: 80, right: 230, top: 100, bottom: 50 },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: findings.connections.map(String),
      name: 'connections',
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: { type: 'value', name: 'duplicates', min: 0 },
    series: feralWays.map(({ name, color }) => ({
      type: 'line',
      name,
      data: findings.connections.map(
        (connections) => figuresAt(findings, name, connections)?.duplicates ?? null,
      ),
      symbolSize: 6,
      color,
      endLabel: { show: true, formatter: '{a}: {c}', color, distance: 8 },
      labelLayout: { moveOverlap: 'shiftY' },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
