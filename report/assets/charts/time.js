// The charts over time: rates, calls in flight, latency, codes, the generator.

// steps draws a value as level over all the seconds of its point. Points without a call are left out of the outline.
const steps = (filled, raw) => (u, si, i0, i1) => {
  const stroke = new Path2D(), fill = filled ? new Path2D() : null;
  uPlot.orient(u, si, (series, xs, ys, scaleX, scaleY, toX, toY, xOff, yOff, xDim, yDim) => {
    const x = (i) => toX(i * D.step, scaleX, xDim, xOff), y = (v) => toY(v, scaleY, yDim, yOff);
    const floor = filled ? y(0) : 0;
    let pen = false, first = null;
    for (let i = Math.max(0, i0 - 1); i <= Math.min(n - 1, i1 + 1); i++) {
      const v = ys[i], a = x(i), b = x(i + 1);
      const drawn = v != null && (!raw || raw[i] > 0);
      if (drawn) {
        if (pen) stroke.lineTo(a, y(v)); else stroke.moveTo(a, y(v));
        stroke.lineTo(b, y(v));
      }
      pen = drawn;
      if (filled) {
        if (first === null) fill.moveTo(first = a, floor);
        fill.lineTo(a, y(v || 0));
        fill.lineTo(b, y(v || 0));
        if (i === Math.min(n - 1, i1 + 1)) fill.lineTo(b, floor);
      }
    }
  });
  return { stroke, fill, clip: null, band: null, gaps: null, flags: filled ? 3 : 1 };
};

// alone gives the points that no line leads to or from: they are drawn as points however many there are.
const alone = (u, si, show) => {
  if (show) return null;
  const v = u.data[si], [i0, i1] = u.series[0].idxs || [0, n - 1], list = [];
  for (let i = i0; i <= i1; i++) {
    if (v[i] != null && v[i - 1] == null && v[i + 1] == null) list.push(i);
  }
  return list;
};

// line is a series of uPlot from an entry of the legend.
const line = (e, more) => Object.assign({
  scale: 'y', stroke: e.colour, width: e.width || 1.5, dash: e.dash, points: { size: 4, fill: e.colour, width: 0, filter: alone },
}, more);

const positive = (v) => v.map((x) => (x === null ? null : Math.max(x, 100))); // what a logarithmic axis can show, in ns

// labels names lines at their right ends.
const labels = (entries) => (u) => {
  const { ctx, bbox } = u, r = px(), list = [];
  entries.forEach((e, i) => {
    const s = u.series[i + 1];
    if (!s.show || !e.short) return;
    for (let k = u.valToIdx(u.scales.x.max); k >= 0 && u.data[0][k] >= u.scales.x.min; k--) {
      const v = u.data[i + 1][k];
      if (v != null) {
        list.push({ y: u.valToPos(v, s.scale, true), e });
        break;
      }
    }
  });
  list.sort((a, b) => a.y - b.y);
  const gap = 12 * r;
  list.forEach((l, i) => { l.y = Math.max(l.y, i ? list[i - 1].y + gap : bbox.top + 4 * r); });
  let floor = bbox.top + bbox.height;
  for (const l of list.slice().reverse()) floor = (l.y = Math.min(l.y, floor)) - gap;
  ctx.save();
  ctx.font = font(11 * r, 600);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const l of list) {
    ctx.fillStyle = l.e.colour;
    ctx.fillText(l.e.short, bbox.left + bbox.width + 5 * r, l.y);
  }
  ctx.restore();
};

// simple makes a chart of lines: entries with data, axes and scales.
function simple(chart, height, entries, more) {
  makeLegend(chart, entries);
  const data = () => [X].concat(entries.map((e) => e.data()));
  chart.u = new uPlot(timeOptions(chart, height, Object.assign({
    series: [{}].concat(entries.map((e) => line(e, e.more))), axes: [timeAxis(), numberAxis(chart.plot)],
  }, more)), data(), chart.plot);
  chart.update = () => chart.u.setData(data());
}

// roof is the upper end of an axis for values of which some may be booked in one second for a long time, such as the arrivals that a run that
// was stopped never came to: those may lift it to three times what the others need, and run out at the top beyond.
const roof = (usual, rare) => (u) => {
  const [i0, i1] = u.series[0].idxs || [0, n - 1];
  const most = (list) => { let m = 0; for (let i = i0; i <= i1; i++) m = Math.max(m, list[i] || 0); return m; };
  const a = most(usual()), b = most(rare());
  return fromZero(u, 0, a > 0 ? Math.max(a, Math.min(b, 3 * a)) : b);
};

const makers = {};

makers.rate = (chart) => {
  const level = { paths: steps(false), points: { show: false } };
  const open = () => perSecond(D.planned).map((v, i) => (closedAt(X[i]) ? null : v));
  simple(chart, 210, [
    { label: word('good', 'good'), colour: ink.s[3], width: 3, data: () => perSecond(D.good), value: (i) => rate(D.good[i] / width(i)), more: level },
    { label: word('sent', 'sent'), colour: ink.s[1], width: 1.25, data: () => perSecond(D.sent), value: (i) => rate(D.sent[i] / width(i)), more: level },
    { label: word('planned', 'planned'), colour: ink.text, width: 1.25, dash: [5, 4], data: open, value: (i) => (closedAt(X[i]) ? '-' : rate(D.planned[i] / width(i))),
      more: level },
  ], {
    scales: { x: { time: false, range: () => zoom || [0, total()] },
      y: { range: roof(() => perSecond(D.sent.map((v, i) => Math.max(v, D.good[i]))), open) } },
  });
};

makers.flight = (chart) => simple(chart, 140, [
  { label: word('in_flight', 'in flight'), colour: ink.s[1], data: () => D.in_flight, value: (i) => count(D.in_flight[i]),
    more: { paths: steps(true), fill: faint(ink.s[1], 0.18), points: { show: false } } },
  { label: word('queued', 'queued'), colour: ink.s[2], dash: [6, 3], width: 2, data: () => D.queued, value: (i) => count(D.queued[i]),
    more: { paths: steps(false), points: { show: false } } },
]);

const durationOr = (v) => (v === null || v === undefined ? '-' : duration(v));

makers.latency = (chart) => {
  const entries = [['max', [2, 3], 1.25, 5], ['p99', [], 2.25, 4], ['p90', [7, 3], 1.5, 6], ['p50', [], 1.5, 1]].map(([key, dash, width, colour]) => ({
    label: word(key, key), short: word(key, key), colour: ink.s[colour], dash, width, data: () => positive(D[key]), value: (i) => durationOr(D[key][i]),
  }));
  simple(chart, 240, entries, {
    axes: [timeAxis(), durationAxis(chart.plot)],
    scales: { x: { time: false, range: () => zoom || [0, total()] }, y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) } },
    hooks: { draw: [labels(entries)] },
  });
};

makers.generator = (chart) => {
  const cores = () => D.cpu_ms.map((v, i) => v / 1e3 / width(i));
  const pauses = () => D.gc.map((v) => (v > 0 ? Math.max(v, 100) : null));
  const { plot } = chart;
  simple(chart, 160, [
    { label: word('cpu', 'CPU'), colour: ink.s[6], area: true, data: cores, value: (i) => number(D.cpu_ms[i] / 1e3 / width(i), 2) + ' ' + word('cores', 'cores'),
      more: { scale: 'cores', paths: steps(true), fill: faint(ink.s[6], 0.25), width: 1, points: { show: false } } },
    { label: word('late', 'lateness p99'), colour: ink.s[2], width: 1.75, data: () => positive(D.late), value: (i) => durationOr(D.late[i]) },
    { label: word('gc', 'GC pause'), colour: ink.s[5], dot: true, data: pauses, value: (i) => duration(D.gc[i]),
      more: { paths: () => null, points: { show: true, size: n > 600 ? 3 : 5, fill: ink.s[5], width: 0 } } },
  ], {
    axes: [timeAxis(), durationAxis(plot), numberAxis(plot, { scale: 'cores', side: 1, size: right(plot), grid: { show: false }, stroke: ink.s[6] })],
    padding: [20, 0, 0, 0],
    scales: {
      x: { time: false, range: () => zoom || [0, total()] }, y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) },
      cores: { range: (u, lo, hi) => [0, Math.max(hi || 0, 0.05) * 1.1] },
    },
  });
};

// look gives each code of a stack its fill. Undocumented ones are striped in the loudest colour.
function look(codes) {
  const fixed = { ok: ink.s[3], undocumented: ink.s[2], malformed: ink.s[5], other: ink.s[8] };
  const free = [1, 4, 6, 5, 7, 8].map((i) => ink.s[i]);
  let next = 0;
  return codes.map((c) => {
    if (c.class === 'undocumented') return { colour: ink.s[2], stripes: ink.text };
    if (fixed[c.class] && c.class !== 'ok') return { colour: fixed[c.class], stripes: ink.card };
    if (c.name === 'OK') return { colour: ink.s[3] };
    const turn = Math.floor(next / free.length), colour = free[next++ % free.length];
    return turn % 2 ? { colour, stripes: ink.card } : { colour };
  });
}

makers.codes = (chart) => {
  const codes = shownCodes(), looks = look(codes), hidden = codes.map(() => false);
  const sums = (list) => () => Array.from({ length: n }, (_, i) => list.reduce((a, c) => a + c.v[i], 0) / width(i));
  const some = (f) => sums(codes.filter((c, k) => !hidden[k] && f(c)));
  // The areas are painted over each other from the top of the stack down.
  const stack = () => {
    let sums = new Array(n).fill(0);
    const areas = codes.map((c, k) => {
      if (!hidden[k]) sums = sums.map((s, i) => s + c.v[i] / width(i));
      return sums;
    });
    return [X].concat(areas.reverse());
  };
  const order = codes.map((_, k) => codes.length - 1 - k); // of series and legend, from the top down
  makeLegend(chart, order.map((k) => ({
    label: codes[k].name, colour: looks[k].colour, stripes: looks[k].stripes, area: true, value: (i) => rate(codes[k].v[i] / width(i)),
  })), codes.length > 1 ? (at, button) => {
    hidden[order[at]] = !hidden[order[at]];
    button.setAttribute('aria-pressed', String(!hidden[order[at]]));
    chart.u.setSeries(at + 1, { show: !hidden[order[at]] }, false);
    chart.u.setData(stack());
  } : null);
  const paint = (k) => (u) => (looks[k].stripes ? hatch(u.ctx, looks[k].stripes, looks[k].colour, 1) : looks[k].colour);
  chart.u = new uPlot(timeOptions(chart, 220, {
    series: [{}].concat(order.map((k) => ({ scale: 'y', stroke: looks[k].colour, fill: paint(k), width: 1, paths: steps(true, codes[k].v), points: { show: false } }))),
    axes: [timeAxis(), numberAxis(chart.plot)],
    scales: { x: { time: false, range: () => zoom || [0, total()] }, y: { range: (u) => roof(some((c) => !c.late), some(() => true))(u) } },
  }), stack(), chart.plot);
  const names = (list) => list.map((c) => c.class + ' ' + c.name).join('\n');
  chart.update = () => {
    const now = shownCodes();
    if (names(now) !== names(codes)) return false; // another set of codes: it is to be made anew
    now.forEach((c, k) => { codes[k].v = c.v; });
    chart.u.series.forEach((s, i) => { if (i) s.paths = steps(true, codes[order[i - 1]].v); });
    chart.u.setData(stack());
    return true;
  };
};
