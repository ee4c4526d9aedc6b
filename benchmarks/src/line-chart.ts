import { init } from 'echarts'

export interface Line {
  readonly name: string
  readonly color: string
  readonly dashed: boolean
  /** A value for each of the chart's `across`; null where there is none. */
  readonly values: readonly (number | null)[]
}

export interface LineChart {
  readonly title: string
  readonly subtitle: string
  readonly across: { readonly name: string; readonly values: readonly string[] }
  readonly up: string
  readonly lines: readonly Line[]
}

/** Draws an SVG, its values on a logarithmic scale, each line named at its right end. */
export function lineChart({ title, subtitle, across, up, lines }: LineChart): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 1000, height: 620 })
  chart.setOption({
    animation: false,
    // A background of its own, for readers with a dark page.
    backgroundColor: '#ffffff',
    title: { text: title, subtext: subtitle, left: 16, top: 10 },
    grid: { left: 80, right: 300, top: 100, bottom: 50 },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: [...across.values],
      name: across.name,
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: { type: 'log', name: up },
    series: lines.map(({ name, color, dashed, values }) => ({
      type: 'line',
      name,
      data: [...values],
      symbolSize: 6,
      color,
      lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
      endLabel: { show: true, formatter: '{a}', color, distance: 8 },
      labelLayout: { moveOverlap: 'shiftY' },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
