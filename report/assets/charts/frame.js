// What all charts have in common: size, axes, phases, legend, zoom and hover in step.

const charts = new Map(); // by name: {figure, plot, u, legend, …}
let zoom = null; // [from, to] in seconds, of all charts over time

const narrow = (plot) => plot.clientWidth < 560;
const left = (plot) => (narrow(plot) ? 52 : 66);
const right = (plot) => (narrow(plot) ? 34 : 50);
const px = () => window.devicePixelRatio || 1;
const font = (size, weight) => (weight || '') + ' ' + size + 'px ' + ink.font;

function logRange(lo, hi) {
  if (!(lo > 0) || !(hi > 0)) return [1e6, 1e9];
  const down = (v) => { const d = 10 ** Math.floor(Math.log10(v)); return [5, 2, 1].find((m) => m * d <= v * 1.0001) * d; };
  const up = (v) => { const d = 10 ** Math.floor(Math.log10(v)); return [1, 2, 5, 10].find((m) => m * d >= v * 0.9999) * d; };
  const a = down(lo), b = up(hi);
  return a < b ? [a, b] : [a / 2, b * 2];
}

function logTicks(lo, hi) {
  const decades = Math.log10(hi / lo), steps = decades <= 2.2 ? [1, 2, 5] : [1], list = [];
  const each = decades > 6 ? 2 : 1;
  for (let d = Math.floor(Math.log10(lo)); d <= Math.ceil(Math.log10(hi)); d++) {
    for (const m of steps) {
      const v = m * 10 ** d;
      if (v >= lo * 0.999 && v <= hi * 1.001 && d % each === 0) list.push(v);
    }
  }
  return list;
}

const axis = (more) => Object.assign({
  stroke: ink.soft, font: font(12), gap: 4, ticks: { show: false }, grid: { stroke: ink.line, width: 1 / px() }, border: { show: false },
}, more);

const seconds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400]
  .concat(Array.from({ length: 30 }, (_, i) => 86400 * 2 ** (i + 1)));

const timeAxis = () => axis({
  scale: 'x', space: 64, size: 26, incrs: seconds, grid: { show: false }, ticks: { show: true, stroke: ink.line, width: 1 / px(), size: 4 },
  values: (u, splits) => splits.map((s) => clock(s, total())),
});

const durationAxis = (plot, more) => axis(Object.assign({
  scale: 'y', size: left(plot), space: 24, splits: (u, i, lo, hi) => logTicks(lo, hi), filter: (u, splits) => splits,
  values: (u, splits) => splits.map(tick),
}, more));

const plain = (f) => (f >= 1e6 ? +(f / 1e6).toFixed(2) + 'M' : f >= 1e4 ? +(f / 1e3).toFixed(1) + 'k' : String(+f.toFixed(3)));
const numberAxis = (plot, more) => axis(Object.assign({ scale: 'y', size: left(plot), space: 30, values: (u, splits) => splits.map(plain) }, more));

const fromZero = (u, lo, hi) => [0, hi > 0 ? hi * 1.06 : 1];

// drawPhases shades the phases and names them above the plot; those that are not recorded, and the drain, are hatched.
function drawPhases(u) {
  const { ctx, bbox } = u, r = px();
  const at = (t) => Math.min(Math.max(u.valToPos(t, 'x', true), bbox.left), bbox.left + bbox.width);
  ctx.save();
  ctx.font = font(11 * r);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  let end = 0;
  const part = (from, to, name, recorded, odd) => {
    const a = at(from), b = at(to);
    if (b - a < 0.5) return;
    ctx.fillStyle = recorded ? (odd ? faint(ink.soft, 0.09) : faint(ink.soft, 0.025)) : hatch(ctx, faint(ink.soft, 0.2), faint(ink.soft, 0.05));
    ctx.fillRect(a, bbox.top, b - a, bbox.height);
    if (from > 0 && a > bbox.left) {
      ctx.fillStyle = faint(ink.soft, 0.5);
      ctx.fillRect(Math.round(a), bbox.top - 4 * r, Math.max(1, Math.round(r / 2)), bbox.height + 4 * r);
    }
    let text = name;
    while (text.length > 2 && ctx.measureText(text).width > b - a - 6 * r) text = text.slice(0, text.endsWith('…') ? -2 : -1) + '…';
    if (text.length > 5 || text === name && ctx.measureText(text).width <= b - a - 6 * r) {
      ctx.fillStyle = ink.soft;
      ctx.fillText(text, a + 3 * r, bbox.top - 3 * r);
    }
  };
  D.phases.forEach((p, i) => {
    part(p.from, p.to, p.recorded ? p.name : p.name + ' (' + word('not_recorded', 'not recorded') + ')', p.recorded, i % 2 === 1);
    end = Math.max(end, p.to);
  });
  if (D.phases.length && end < D.seconds) part(end, D.seconds, word('drain', 'drain'), false);
  ctx.restore();
}

// makeLegend makes the legend, which has an entry for each series: {label, colour, dash, width, area, value(i)}; value gives the text at point i. An entry
// hides and shows its series where toggle is given.
function makeLegend(chart, entries, toggle) {
  const box = element('div', 'chart-key');
  const when = element('span', 'when');
  const values = entries.map((e, i) => {
    const item = element(toggle ? 'button' : 'span', 'entry');
    if (toggle) {
      item.type = 'button';
      item.setAttribute('aria-pressed', 'true');
      item.addEventListener('click', () => toggle(i, item));
    }
    const mark = element('i', e.area ? 'swatch area' : 'swatch');
    if (e.area) {
      mark.style.background = e.stripes ? 'repeating-linear-gradient(135deg,' + e.colour + ' 0 2px,' + e.stripes + ' 2px 4px)' : e.colour;
    } else {
      mark.append(lineMark(e));
    }
    const value = element('b', 'value', '');
    item.append(mark, element('span', 'name', e.label), value);
    box.append(item);
    return value;
  });
  box.append(when);
  chart.plot.before(box);
  chart.legend = box;
  chart.say = (i, text) => {
    when.textContent = i === null ? '' : text;
    entries.forEach((e, k) => { values[k].textContent = i === null ? '' : e.value(i); });
  };
  chart.say(null);
}

function lineMark(e) {
  const ns = 'http://www.w3.org/2000/svg', svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 22 10');
  svg.setAttribute('width', '22');
  svg.setAttribute('height', '10');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(ns, e.dot ? 'circle' : 'line');
  const attributes = e.dot ? { cx: 11, cy: 5, r: 3, fill: e.colour }
    : { x1: 0, x2: 22, y1: 5, y2: 5, stroke: e.colour, 'stroke-width': e.width || 1.5, 'stroke-dasharray': (e.dash || []).join(' ') };
  for (const [k, v] of Object.entries(attributes)) shape.setAttribute(k, String(v));
  svg.append(shape);
  return svg;
}

const span = (i) => clock(i * D.step, total()) + (D.step > 1 ? ' – ' + clock(Math.min((i + 1) * D.step, D.seconds), total()) : '');

// options are those of a chart over time, with what this one adds.
function timeOptions(chart, height, more) {
  const { plot } = chart;
  return Object.assign({
    width: Math.max(plot.clientWidth, 160), height, legend: { show: false }, padding: [20, right(plot), 0, 0],
    cursor: {
      x: true, y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => showAll() },
      sync: { key: 'axbench-time', scales: ['x', null], filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
    },
    scales: { x: { time: false, range: () => zoom || [0, total()] }, y: { range: fromZero } },
    hooks: {},
  }, more, {
    hooks: Object.assign({}, more.hooks, {
      drawClear: [drawPhases],
      setSelect: [(u) => select(u)],
      setCursor: [(u) => chart.say && chart.say(u.cursor.idx === undefined ? null : u.cursor.idx, u.cursor.idx == null ? '' : span(u.cursor.idx))]
        .concat((more.hooks || {}).setCursor || []),
      draw: ((more.hooks || {}).draw || []).concat([() => mark(chart, n)]),
    }),
  });
}

// mark says on the figure how many points are drawn.
function mark(chart, points) {
  chart.figure.dataset.drawn = String(points);
}

// select zooms all charts to what was dragged across in one.
function select(u) {
  const { left: a, width: w } = u.select;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (w < 4) return;
  let lo = Math.max(0, u.posToVal(a, 'x')), hi = Math.min(total(), u.posToVal(a + w, 'x'));
  const least = Math.min(2 * D.step, total());
  if (hi - lo < least) {
    lo = Math.max(0, Math.min((lo + hi - least) / 2, total() - least));
    hi = lo + least;
  }
  zoom = [lo, hi];
  rescale();
}

function showAll() {
  zoom = null;
  rescale();
}

function rescale() {
  const [min, max] = zoom || [0, total()];
  for (const c of charts.values()) {
    if (c.timed && c.u) c.u.setScale('x', { min, max });
  }
  for (const b of document.querySelectorAll('button[data-reset]')) b.hidden = !zoom;
}

// tools stand above the first of a group of charts over time.
function makeTools(figure, first) {
  const box = element('div', 'tools'), button = element('button', '', word('reset', 'show all'));
  button.type = 'button';
  button.dataset.reset = '';
  button.hidden = !zoom;
  button.addEventListener('click', showAll);
  if (first) box.append(element('span', 'soft', word('zoom_hint', 'Drag across a chart to zoom in, double click to show all.')));
  box.append(button);
  figure.before(box);
}
