import { init } from 'echarts'

export interface Bar {
  readonly name: string
  readonly color: string
  readonly value: number
}

/** Draws an SVG: a bar for each, the longest on top, with its value at its end. */
export function barChart(title: string, subtitle: string, bars: readonly Bar[]): string {
  const height = 110 + 28 * bars.length
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 1000, height })
  const upwards = bars.toSorted((a, b) => a.value - b.value)
  chart.setOption({
    animation: false,
    // A background of its own, for readers with a dark page.
    backgroundColor: '#ffffff',
    title: { text: title, subtext: subtitle, left: 16, top: 10 },
    grid: { left: 290, right: 90, top: 70, bottom: 30 },
    xAxis: { type: 'value' },
    yAxis: { type: 'category', data: upwards.map(({ name }) => name), axisTick: { show: false } },
    series: {
      type: 'bar',
      data: upwards.map(({ value, color }) => ({ value: Math.round(value), itemStyle: { color } })),
      label: { show: true, position: 'right' },
    },
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
