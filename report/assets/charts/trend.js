// A trend: a chart for each metric over runs, oldest on the left. window.axbenchCharts is what the page calls. A figure says in
// data-drawn how many points it shows.

let T = null; // trendSeries in Go

const textOf = { ns: duration, per_s: rate, share: (f) => number(f * 100, 2) + ' %', count };

// scales of each unit: durations by logarithm, shares around what they are, the rest from zero.
const shares = (u, lo, hi) => {
  if (!(hi >= lo)) return [0, 1];
  const room = Math.max((hi - lo) * 0.15, 0.002);
  return [Math.max(0, lo - room), Math.min(1, hi + room)];
};
const scaleOf = { ns: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) }, share: { range: shares }, per_s: { range: fromZero }, count: { range: fromZero } };
const axisOf = (unit, plot) => (unit === 'ns' ? durationAxis(plot) : numberAxis(plot, unit === 'share' ? { values: (u, s) => s.map((f) => +(f * 100).toFixed(3) + ' %') } : {}));

// flags draws what is no value: where something else changed, and tags.
function flags(u) {
  const { ctx, bbox } = u, r = px();
  ctx.save();
  ctx.font = font(11 * r);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'center';
  let end = -Infinity;
  T.runs.forEach((run, i) => {
    const x = u.valToPos(i, 'x', true);
    if (run.changed) {
      ctx.strokeStyle = ink.soft;
      ctx.lineWidth = r;
      ctx.setLineDash([4 * r, 4 * r]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    if (!run.tags) return;
    const text = run.tags.length > 18 ? run.tags.slice(0, 17) + '…' : run.tags, half = ctx.measureText(text).width / 2;
    const at = Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half);
    if (at - half < end + 4 * r) return;
    end = at + half;
    ctx.fillStyle = ink.text;
    ctx.fillText(text, at, bbox.top - 4 * r);
  });
  ctx.restore();
}

// points draws the line, the intervals and a sign for each run.
const points = (chart, k, colour) => (u) => {
  const { ctx } = u, r = px(), floor = u.scales.y.distr === 3 ? u.scales.y.min : -Infinity;
  const at = (i, v) => [u.valToPos(i, 'x', true), u.valToPos(Math.max(v, floor), 'y', true)];
  let drawn = 0, pen = false;
  ctx.save();
  ctx.strokeStyle = faint(colour, 0.6);
  ctx.lineWidth = 1.5 * r;
  ctx.beginPath();
  T.runs.forEach((run, i) => {
    const { v } = run.values[k];
    if (v === null || !run.tells) return;
    if (pen) ctx.lineTo(...at(i, v)); else ctx.moveTo(...at(i, v));
    pen = true;
  });
  ctx.stroke();
  T.runs.forEach((run, i) => {
    const { v, low, high, bound } = run.values[k];
    if (v === null) return;
    if (low !== null && high !== null) {
      const [x, a] = at(i, low), [, b] = at(i, high);
      ctx.strokeStyle = faint(colour, 0.8);
      ctx.lineWidth = 1.25 * r;
      ctx.beginPath();
      ctx.moveTo(x, a); ctx.lineTo(x, b);
      for (const y of [a, b]) { ctx.moveTo(x - 3 * r, y); ctx.lineTo(x + 3 * r, y); }
      ctx.stroke();
    }
    const [x, y] = at(i, v);
    sign(ctx, x, y, run.pass, run.pass === false ? ink.s[2] : run.pass === null ? ink.soft : colour);
    if (bound) upward(ctx, x, y, colour);
    drawn++;
  });
  ctx.restore();
  mark(chart, drawn);
};

const titleOf = (run) => run.name + ' · ' + run.when + ' · ' + run.verdict + (run.tags ? ' · ' + run.tags : '');

function make(chart) {
  if (chart.u) chart.u.destroy();
  if (chart.legend) chart.legend.remove();
  chart.plot.textContent = '';
  Object.assign(chart, { u: null, legend: null, say: null });
  const { k, plot } = chart, { name, unit } = T.metrics[k], colour = ink.s[[1, 4, 3, 5][k % 4]];
  if (!T.runs.some((run) => run.values[k].v !== null)) {
    plot.textContent = word('no_data', 'no data');
    mark(chart, 0);
    return;
  }
  const text = (i) => {
    const { v, low, high, bound } = T.runs[i].values[k], f = textOf[unit] || count;
    if (v === null) return '-';
    return (bound ? '> ' : '') + f(v) + (low !== null && high !== null ? ' (' + f(low) + ' – ' + f(high) + ')' : '');
  };
  makeLegend(chart, [{ label: name, colour, value: text }]);
  const positive = (v) => (v === null ? null : unit === 'ns' ? Math.max(v, 100) : v);
  const data = [T.runs.map((_, i) => i)].concat(['v', 'low', 'high'].map((key) => T.runs.map((run) => positive(run.values[k][key]))));
  chart.u = new uPlot({
    width: Math.max(plot.clientWidth, 160), height: 220, legend: { show: false }, padding: [22, right(plot), 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: 'axbench-trend' } },
    scales: { x: { time: false, range: () => [-0.6, T.runs.length - 0.4] }, y: scaleOf[unit] || scaleOf.count },
    series: [{}].concat([1, 2, 3].map(() => ({ scale: 'y', stroke: colour, paths: () => null, points: { show: false } }))),
    axes: [axis({ scale: 'x', size: 28, space: 96, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
      values: (u, splits) => splits.map((i) => (T.runs[i] ? T.runs[i].when.slice(5) : '')) }), axisOf(unit, plot)],
    hooks: {
      drawClear: [flags], draw: [points(chart, k, colour)],
      setCursor: [(u) => { const i = u.cursor.idx; chart.say(i === undefined ? null : i, i == null ? '' : titleOf(T.runs[i])); }],
    },
  }, data, plot);
}

function makeAll() {
  readColours();
  for (const c of charts.values()) make(c);
}

function begin() {
  T = JSON.parse(document.getElementById('series').textContent);
  readColours();
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    const name = figure.dataset.chart, k = Number(name.slice('metric'.length));
    const chart = { name, k, figure, plot: figure.querySelector('.plot'), was: 0 };
    charts.set(name, chart);
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

window.axbenchCharts = { redraw: () => { if (T) makeAll(); }, state: () => ({ trend: T }), format: { duration, rate } };

document.documentElement.classList.add('scripted');
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin); else begin();
