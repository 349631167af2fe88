// What the page calls: window.axbenchCharts. set shows a series (Points in Go), append adds a part to it, redraw is for a change of
// theme. A figure says in data-drawn how many points it shows.

const heights = { rate: 210, flight: 140, latency: 240, codes: 220, generator: 160, heat: 300, curve: 300 };
const overTime = ['rate', 'flight', 'latency', 'codes', 'generator', 'heat'];

// nothing tells whether there is nothing to draw.
function nothing(name) {
  if (name === 'curve') return D.curve.response.n + D.curve.service.n + D.curve.offered.n === 0;
  if (name === 'codes') return shownCodes().length === 0;
  if (name === 'heat') return !D.heat.columns.some((c) => c.length > 0) && !D.heat.open.some((v) => v > 0);
  if (name === 'latency') return !D.max.some((v) => v !== null);
  return n === 0;
}

function make(chart) {
  drop(chart);
  if (nothing(chart.name)) {
    chart.plot.textContent = word('no_data', 'no data');
    mark(chart, 0);
    return;
  }
  makers[chart.name](chart);
}

function drop(chart) {
  if (chart.u) chart.u.destroy();
  if (chart.legend) chart.legend.remove();
  chart.plot.textContent = '';
  Object.assign(chart, { u: null, legend: null, say: null, update: null });
}

function makeAll() {
  readColours();
  for (const c of charts.values()) make(c);
}

function find() {
  let tools = null;
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    const name = figure.dataset.chart, plot = figure.querySelector('.plot');
    if (!plot || !makers[name] || charts.has(name)) continue;
    const chart = { name, figure, plot, timed: overTime.includes(name), was: narrow(plot) };
    charts.set(name, chart);
    if (chart.timed && tools !== figure.parentNode) makeTools(figure, tools === null);
    if (chart.timed) tools = figure.parentNode;
    new ResizeObserver(() => fit(chart)).observe(plot);
  }
}

// fit gives a chart the width that its place has now.
function fit(chart) {
  const w = chart.plot.clientWidth;
  if (!chart.u || w === 0 || w === chart.u.width) return;
  if (narrow(chart.plot) !== chart.was) {
    chart.was = narrow(chart.plot);
    make(chart);
    return;
  }
  chart.u.setSize({ width: Math.max(w, 160), height: heights[chart.name] });
}

function set(series) {
  D = null;
  zoom = null;
  take(series);
  find();
  makeAll();
  rescale();
}

function append(part) {
  if (!D || part.from === 0) {
    const kept = zoom;
    set(part);
    zoom = kept;
    rescale();
    return;
  }
  take(part);
  for (const c of charts.values()) {
    if (!c.u || c.update() === false) make(c);
  }
}

window.axbenchCharts = {
  set, append,
  redraw: () => { if (D) makeAll(); },
  state: () => ({ series: D, zoom, scales: Object.fromEntries([...charts.values()].filter((c) => c.u).map((c) => [c.name, [c.u.scales.x.min, c.u.scales.x.max]])) }),
  format: { count, rate, duration, percentile },
};

document.documentElement.classList.add('scripted');
const source = document.getElementById('series');
if (source) {
  const start = () => set(JSON.parse(source.textContent));
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
}
