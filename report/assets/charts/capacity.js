// A search for capacity: latency and goodput of its probes against rate. window.axbenchCharts is what the page calls. A figure says in
// data-drawn how many points it shows.

let C = null; // capacityCurve in Go: probes by rate

// per writes a rate with the digits that a search can know, as perS does in Go.
function per(f) {
  const abs = Math.abs(f), decimals = abs >= 99.95 ? 0 : abs >= 9.995 ? 1 : 2, text = number(f, decimals);
  return (decimals > 0 && text.includes('.') ? text.replace(/\.?0+$/, '') : text) + '/s';
}

const makers = {};
const tall = { latency: 320, goodput: 280 };

// ground draws the interval and the rate to plan for.
function ground(u) {
  const { ctx, bbox } = u, r = px(), x = (v) => u.valToPos(v, 'x', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 18 * r, bbox.width, bbox.height + 18 * r);
  ctx.clip();
  ctx.font = font(11 * r);
  ctx.textBaseline = 'bottom';
  ctx.fillStyle = ink.soft;
  const name = (text, at, align) => {
    ctx.textAlign = align;
    ctx.fillText(text, at, bbox.top - 4 * r);
  };
  if (C.low !== null) {
    const a = x(C.low), b = C.high === null ? bbox.left + bbox.width : x(C.high);
    ctx.fillStyle = C.high === null ? hatch(ctx, faint(ink.s[3], 0.35), faint(ink.s[3], 0.08)) : faint(ink.s[3], 0.22);
    ctx.fillRect(a, bbox.top, Math.max(b - a, r), bbox.height);
    ctx.fillStyle = ink.soft;
    const text = (C.high === null ? '≥ ' : '') + per(C.value === null ? C.low : C.value);
    const left = a + ctx.measureText(text).width > bbox.left + bbox.width;
    name(text, left ? Math.max(a, b) : a, left ? 'right' : 'left');
  }
  if (C.plan !== null) {
    ctx.strokeStyle = ink.text;
    ctx.lineWidth = 1.25 * r;
    ctx.setLineDash([5 * r, 4 * r]);
    ctx.beginPath();
    ctx.moveTo(x(C.plan), bbox.top);
    ctx.lineTo(x(C.plan), bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    name(word('plan', 'plan') + ' ' + per(C.plan), x(C.plan) - 3 * r, x(C.plan) - bbox.left < 90 * r ? 'left' : 'right');
  }
  ctx.restore();
}

// middles joins probes of about the same rate: the median of what they measured stands for them.
function middles(values) {
  const list = [];
  let from = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && C.probes[i].rate <= C.probes[from].rate * 1.005) continue;
    const v = values.slice(from, i).filter((y) => y !== null).sort((a, b) => a - b);
    if (v.length) list.push([(C.probes[from].rate + C.probes[i - 1].rate) / 2, v[Math.floor((v.length - 1) / 2)]]);
    from = i;
  }
  return list;
}

// scatter draws each line: through the middles, and a sign for each probe.
const scatter = (entries, chart) => (u) => {
  const { ctx, bbox } = u, r = px();
  let drawn = 0;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 8 * r, bbox.top - 20 * r, bbox.width + 16 * r, bbox.height + 26 * r);
  ctx.clip();
  for (const e of entries) {
    if (!e.values) continue;
    const at = ([x, y]) => [u.valToPos(x, 'x', true), u.valToPos(y, 'y', true)];
    ctx.beginPath();
    ctx.lineWidth = 1.25 * r;
    ctx.strokeStyle = faint(e.colour, 0.65);
    ctx.setLineDash((e.dash || []).map((d) => d * r));
    middles(e.values).forEach((p, i) => { if (i) ctx.lineTo(...at(p)); else ctx.moveTo(...at(p)); });
    ctx.stroke();
    ctx.setLineDash([]);
    C.probes.forEach((p, i) => {
      if (e.values[i] === null) return;
      const [x, y] = at([p.rate, e.values[i]]);
      sign(ctx, x, y, p.pass, e.colour);
      if (e.bound && e.bound(p)) upward(ctx, x, y, e.colour);
      drawn++;
    });
  }
  ctx.restore();
  mark(chart, drawn);
};

// knee names the knee at its place.
function knee(u) {
  if (!C.knee) return;
  const { ctx } = u, r = px(), x = u.valToPos(C.knee.rate, 'x', true), y = u.valToPos(C.knee.p99, 'y', true);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = ink.text;
  ctx.lineWidth = 1.25 * r;
  ctx.beginPath();
  ctx.arc(x, y, 8.5 * r, 0, 2 * Math.PI);
  ctx.stroke();
  ctx.font = font(12 * r, 700);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText('K', x - 8 * r, y - 5 * r);
  ctx.restore();
}

const outcome = (p) => (p.pass === true ? word('held', 'held') : p.pass === false ? word('missed', 'missed') : word('cannot_tell', 'cannot tell'));
const said = (p) => word('probe', 'probe') + ' ' + p.step + ' · ' + per(p.rate) + ' · ' + outcome(p);

// chartOf makes a chart of entries with values by probe.
function chartOf(chart, entries, more) {
  makeLegend(chart, entries);
  const { plot } = chart;
  const top = Math.max(...C.probes.map((p) => p.rate), C.high || 0, C.plan || 0);
  const data = [C.probes.map((p) => p.rate)].concat(entries.map((e) => e.values || C.probes.map((p) => p.rate)));
  chart.u = new uPlot({
    width: Math.max(plot.clientWidth, 160), height: tall[chart.name], legend: { show: false }, padding: [24, right(plot), 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: 'axbench-capacity' } },
    scales: Object.assign({ x: { time: false, range: () => [0, top > 0 ? top * 1.05 : 1] } }, more.scales),
    series: [{}].concat(entries.map((e) => ({ scale: 'y', stroke: e.colour, paths: () => null, points: { show: false } }))),
    axes: [axis({ scale: 'x', size: 28, space: 56, values: (u, splits) => splits.map((v) => plain(v)) })].concat(more.axes),
    hooks: {
      drawClear: [ground],
      draw: (more.draw || []).concat([scatter(entries, chart)]),
      setCursor: [(u) => { const i = u.cursor.idx; chart.say(i === undefined ? null : i, i == null ? '' : said(C.probes[i])); }],
    },
  }, data, plot);
}

makers.latency = (chart) => {
  const text = (key, bound) => (i) => { const p = C.probes[i]; return p[key] === null ? '-' : (p[bound] ? '> ' : '') + duration(p[key]); };
  const entry = (key, bound, colour, dash) => ({
    label: key, colour: ink.s[colour], dash, values: C.probes.map((p) => (p[key] === null ? null : Math.max(p[key], 100))), bound: (p) => p[bound], value: text(key, bound),
  });
  chartOf(chart, [entry('p99', 'bound99', 2, []), entry('p50', 'bound50', 1, [6, 3])], {
    scales: { y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) } }, axes: [durationAxis(chart.plot)], draw: [knee],
  });
};

makers.goodput = (chart) => {
  const ideal = (u) => {
    const { ctx } = u, r = px(), end = u.scales.x.max, at = (v) => [u.valToPos(v, 'x', true), u.valToPos(v, 'y', true)];
    ctx.save();
    ctx.strokeStyle = ink.soft;
    ctx.lineWidth = r;
    ctx.setLineDash([2 * r, 4 * r]);
    ctx.beginPath();
    ctx.moveTo(...at(0));
    ctx.lineTo(...at(Math.min(end, u.scales.y.max)));
    ctx.stroke();
    ctx.restore();
  };
  chartOf(chart, [
    { label: word('good', 'good'), colour: ink.s[3], values: C.probes.map((p) => p.good), value: (i) => per(C.probes[i].good) },
    { label: word('asked', 'asked for'), colour: ink.soft, dash: [2, 4], value: (i) => per(C.probes[i].rate) },
  ], { scales: { y: { range: fromZero } }, axes: [numberAxis(chart.plot)], draw: [ideal] });
};

function make(chart) {
  if (chart.u) chart.u.destroy();
  if (chart.legend) chart.legend.remove();
  chart.plot.textContent = '';
  Object.assign(chart, { u: null, legend: null, say: null });
  const some = chart.name === 'latency' ? C.probes.some((p) => p.p99 !== null || p.p50 !== null) : C.probes.length > 0;
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
  C = JSON.parse(document.getElementById('series').textContent);
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

window.axbenchCharts = { redraw: () => { if (C) makeAll(); }, state: () => ({ curve: C }), format: { per } };

document.documentElement.classList.add('scripted');
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin); else begin();
