// A comparison: the runs of both sides over each other. window.axbenchCharts is what the page calls. A figure says in data-drawn how many
// points it shows.

let O = null; // overlay in Go

const makers = {};
const sides = () => [
  { key: 'base', label: word('baseline', 'baseline'), runs: O.base, curve: O.base_curve, colour: ink.s[1], dash: [7, 3], width: 1.75 },
  { key: 'new', label: word('new', 'new'), runs: O.new, curve: O.new_curve, colour: ink.s[2], width: 1.75 },
];

// xOf is 1/(1-p) of a rank among n; the highest value stands where the samples end.
const xOf = (rank, n) => n / Math.max(n - rank, 1);

// valueAt writes a value of the curve at x, with a sign before one that is a lower bound.
function valueAt(line, x) {
  const k = line.rank.findIndex((r) => xOf(r, line.n) >= x * (1 - 1e-12));
  return k < 0 ? '' : (line.rank[k] > line.certain ? '> ' : '') + duration(line.ns[k]);
}

makers.curve = (chart) => {
  const list = sides().filter((s) => s.curve.n > 0), xs = new Set();
  for (const s of list) s.curve.rank.forEach((r) => xs.add(xOf(r, s.curve.n)));
  const grid = Array.from(Float64Array.from(xs).sort());
  const data = [grid];
  for (const s of list) {
    let k = 0;
    data.push(grid.map((x) => {
      while (k < s.curve.rank.length && xOf(s.curve.rank[k], s.curve.n) < x * (1 - 1e-12)) k++;
      return k < s.curve.rank.length ? Math.max(s.curve.ns[k], 100) : null;
    }));
  }
  makeLegend(chart, list.map((s) => ({ label: s.label, colour: s.colour, dash: s.dash, width: s.width, value: (i) => valueAt(s.curve, grid[i]) })));
  const nines = [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
  chart.u = new uPlot({
    width: Math.max(chart.plot.clientWidth, 160), height: 320, legend: { show: false }, padding: [12, right(chart.plot), 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    series: [{}].concat(list.map((s) => ({ scale: 'y', stroke: s.colour, width: s.width, dash: s.dash, paths: uPlot.paths.stepped({ align: -1 }), points: { show: false } }))),
    scales: { x: { time: false, distr: 3, range: (u, lo, hi) => [1, Math.max(hi || 10, 10)] }, y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) } },
    axes: [axis({ scale: 'x', size: 28, space: 40, splits: (u) => nines.filter((x) => x <= u.scales.x.max), filter: (u, s) => s, values: (u, s) => s.map(percentile) }), durationAxis(chart.plot)],
    hooks: {
      setCursor: [(u) => chart.say(u.cursor.idx === undefined ? null : u.cursor.idx, u.cursor.idx == null ? '' : percentile(grid[u.cursor.idx]))],
      draw: [() => mark(chart, grid.length)],
    },
  }, data, chart.plot);
};

const longest = () => Math.max(1, ...O.base.concat(O.new).map((r) => r.seconds));

// overTime draws what of gives for point i of each run, against the seconds since its start.
function overTime(chart, of, write, more) {
  const lines = sides().flatMap((s) => s.runs.map((run, i) => ({ side: s, run, first: i === 0 })));
  const at = (run, i) => (i + 0.5) * run.step;
  const xs = Array.from(Float64Array.from(new Set(lines.flatMap((l) => l.run.good.map((_, i) => at(l.run, i))))).sort());
  const data = [xs].concat(lines.map((l) => {
    const byX = new Map(l.run.good.map((_, i) => [at(l.run, i), of(l.run, i)]));
    return xs.map((x) => (byX.has(x) ? byX.get(x) : undefined));
  }));
  makeLegend(chart, sides().filter((s) => s.runs.length).map((s) => ({
    label: s.label, colour: s.colour, dash: s.dash, width: s.width,
    value: (i) => lines.map((l, k) => (l.side.key === s.key ? data[k + 1][i] : null)).filter((v) => v != null).map(write).join(', '),
  })));
  chart.u = new uPlot({
    width: Math.max(chart.plot.clientWidth, 160), height: 210, legend: { show: false }, padding: [12, right(chart.plot), 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: 'axbench-compare' } },
    scales: Object.assign({ x: { time: false, range: () => [0, longest()] } }, more.scales),
    series: [{}].concat(lines.map((l) => ({ scale: 'y', stroke: l.side.colour, width: l.side.width, dash: l.side.dash, spanGaps: false, points: { size: 4, fill: l.side.colour } }))),
    axes: [axis({ scale: 'x', space: 64, size: 26, incrs: seconds, grid: { show: false }, values: (u, splits) => splits.map((s) => clock(s, longest())) })].concat(more.axes),
    hooks: {
      setCursor: [(u) => chart.say(u.cursor.idx === undefined ? null : u.cursor.idx, u.cursor.idx == null ? '' : clock(xs[u.cursor.idx], longest()))],
      draw: [() => mark(chart, xs.length)],
    },
  }, data, chart.plot);
}

const latency = (key) => (chart) => overTime(chart, (run, i) => (run[key][i] === null ? null : Math.max(run[key][i], 100)), duration, {
  scales: { y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) } }, axes: [durationAxis(chart.plot)],
});
makers.p50 = latency('p50');
makers.p99 = latency('p99');
makers.good = (chart) => overTime(chart, (run, i) => run.good[i] / Math.min(run.step, run.seconds - i * run.step), rate, {
  scales: { y: { range: fromZero } }, axes: [numberAxis(chart.plot)],
});

function make(chart) {
  if (chart.u) chart.u.destroy();
  if (chart.legend) chart.legend.remove();
  chart.plot.textContent = '';
  Object.assign(chart, { u: null, legend: null, say: null });
  const some = chart.name === 'curve' ? O.base_curve.n + O.new_curve.n > 0 : O.base.concat(O.new).some((r) => r.good.length > 0);
  if (!some) {
    chart.plot.textContent = word('no_data', 'no data');
    mark(chart, 0);
    return;
  }
  makers[chart.name](chart);
}

function makeAll() {
  readColours();
  for (const c of charts.values()) make(c);
}

function begin() {
  const data = document.getElementById('series');
  if (!data) return;
  O = JSON.parse(data.textContent);
  readColours();
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    const chart = { name: figure.dataset.chart, figure, plot: figure.querySelector('.plot'), was: 0 };
    charts.set(chart.name, chart);
    make(chart);
    new ResizeObserver(() => {
      const w = chart.plot.clientWidth;
      if (w > 0 && w !== chart.was) {
        chart.was = w;
        make(chart);
      }
    }).observe(chart.plot);
  }
}

window.axbenchCharts = { redraw: () => { if (O) makeAll(); }, state: () => ({ overlay: O }), format: { number, rate, duration, percentile } };

document.documentElement.classList.add('scripted');
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin); else begin();
