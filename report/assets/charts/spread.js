// How response times spread: the heat map over time, and the percentile curves.

const edge = (bin) => 10 ** (bin / 10); // where a bin of the heat map begins, in ns

makers.heat = (chart) => {
  let most = 1, low = 0, high = 1, some = false;
  const measure = () => {
    const h = D.heat;
    most = 1; low = Infinity; high = -Infinity;
    some = h.open.some((v) => v > 0);
    for (const c of h.columns) {
      if (c.length === 0) continue;
      low = Math.min(low, c[0]);
      high = Math.max(high, c[0] + c.length - 1);
      for (let k = 1; k < c.length; k++) most = Math.max(most, c[k]);
    }
    if (high < low) { low = 60; high = 80; }
  };
  const colours = Array.from({ length: 64 }, (_, i) => ramp(i / 63));
  const colour = (v) => colours[Math.round(63 * (most > 1 ? Math.log(v) / Math.log(most) : 1))];
  const seconds = () => D.heat.per * D.step;
  const strip = () => (some ? 9 * px() : 0); // height of the row of calls without an end
  const draw = (u) => {
    const { ctx, bbox } = u, h = D.heat, w = seconds();
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const ys = [];
    for (let b = low; b <= high + 1; b++) ys.push(Math.round(u.valToPos(edge(b), 'y', true)));
    for (let c = Math.max(0, Math.floor(u.scales.x.min / w)); c < h.columns.length && c * w < u.scales.x.max; c++) {
      const a = Math.round(u.valToPos(c * w, 'x', true)), z = Math.max(a + 1, Math.round(u.valToPos((c + 1) * w, 'x', true)));
      const col = h.columns[c];
      for (let k = 1; k < col.length; k++) {
        if (col[k] === 0) continue;
        const at = col[0] + k - 1 - low;
        ctx.fillStyle = colour(col[k]);
        ctx.fillRect(a, ys[at + 1], z - a, ys[at] - ys[at + 1]);
      }
      if (h.open[c] > 0) {
        ctx.fillStyle = ink.s[2];
        ctx.fillRect(a, bbox.top, z - a, strip() - 2 * px());
      }
    }
    ctx.restore();
    mark(chart, h.columns.length);
  };
  measure();
  const { plot } = chart;
  const legend = element('div', 'chart-key heat'), when = element('span', 'when'), said = element('b', 'value');
  const scale = element('span', 'scale'), bar = element('i', 'ramp'), most1 = element('span');
  bar.style.background = 'linear-gradient(to right,' + Array.from({ length: 12 }, (_, i) => ramp(i / 11)).join(',') + ')';
  scale.append('1', bar, most1);
  const key = element('span', 'entry'), area = element('i', 'swatch area');
  area.style.background = ink.s[2];
  key.append(area, element('span', 'name', word('open', 'calls without an end')));
  legend.append(scale, key, said, when);
  plot.before(legend);
  chart.legend = legend;
  const title = () => {
    most1.textContent = count(most) + ' ' + word('calls', 'calls');
    key.hidden = !some;
  };
  title();
  let inside = false;
  const say = (u) => {
    const idx = u.cursor.idx;
    when.textContent = said.textContent = '';
    if (idx === null || idx === undefined) return;
    const c = Math.floor(X[idx] / seconds()), col = D.heat.columns[c] || [];
    const end = Math.min((c + 1) * seconds(), D.seconds);
    when.textContent = clock(c * seconds(), total()) + ' – ' + clock(end, total());
    let text = count(col.slice(1).reduce((a, b) => a + b, 0)) + ' ' + word('calls', 'calls');
    if (inside) {
      const bin = Math.floor(10 * Math.log10(u.posToVal(u.cursor.top, 'y')) + 1e-9);
      text = duration(edge(bin)) + ' – ' + duration(edge(bin + 1)) + ': ' + count(col[1 + bin - col[0]] || 0) + ' / ' + text;
    }
    if (D.heat.open[c] > 0) text += ' + ' + count(D.heat.open[c]) + ' ' + word('open', 'calls without an end');
    said.textContent = text;
  };
  const room = (lo, hi) => hi * (hi / lo) ** (some ? 0.05 : 0);
  const o = timeOptions(chart, 300, {
    series: [{}, { scale: 'y', show: true, paths: () => null, points: { show: false } }],
    axes: [timeAxis(), durationAxis(plot, { grid: { show: false } })],
    scales: { x: { time: false, range: () => zoom || [0, total()] }, y: { distr: 3, range: () => [edge(low), room(edge(low), edge(high + 1))] } },
    hooks: { drawAxes: [draw], setCursor: [say] },
  });
  o.hooks.draw = [];
  o.cursor.y = true;
  o.cursor.points = { show: false };
  const data = () => [X, positive(D.p50)];
  chart.u = new uPlot(o, data(), plot);
  chart.u.over.addEventListener('mouseenter', () => { inside = true; });
  chart.u.over.addEventListener('mouseleave', () => { inside = false; });
  chart.update = () => {
    measure();
    title();
    chart.u.setData(data());
  };
};

// xOf is 1/(1-p) of a rank among n; the highest value stands where the samples end.
const xOf = (rank, n) => n / Math.max(n - rank, 1);

makers.curve = (chart) => {
  const lines = () => {
    const c = D.curve, list = [['service', c.service], ['response', c.response]];
    if (c.offered.n > c.response.n) list.push(['offered', c.offered]);
    return list.filter(([, l]) => l.n > 0);
  };
  const kinds = {
    response: { label: word('response', 'response'), colour: ink.s[1], width: 2 },
    service: { label: word('service', 'service'), colour: ink.s[4], width: 1.75, dash: [7, 3] },
    offered: { label: word('offered', 'offered'), colour: ink.s[5], width: 1.25 },
    bound: { label: word('offered', 'offered') + ': ' + word('bound', 'lower bound'), colour: ink.s[2], width: 2.25, dash: [2, 3] },
  };
  const now = lines(), keys = now.flatMap(([name]) => (name === 'offered' ? ['offered', 'bound'] : [name]));
  // At each x the value of a line is that of the next rank it knows: between two ranks the higher one's.
  const table = () => {
    const list = lines(), xs = new Set();
    for (const [, l] of list) l.rank.forEach((r) => xs.add(xOf(r, l.n)));
    const axis = Float64Array.from(xs).sort(), out = [Array.from(axis)];
    for (const [name, l] of list) {
      const certain = new Array(axis.length).fill(null), bound = new Array(axis.length).fill(null);
      let k = 0;
      axis.forEach((x, i) => {
        while (k < l.rank.length && xOf(l.rank[k], l.n) < x * (1 - 1e-12)) k++;
        if (k >= l.rank.length) return;
        let at = k; // several ranks can end at one x: the last of them is the highest value
        while (at + 1 < l.rank.length && xOf(l.rank[at + 1], l.n) <= x * (1 + 1e-12)) at++;
        (l.rank[at] <= l.certain ? certain : bound)[i] = l.ns[at] < 100 ? 100 : l.ns[at];
      });
      out.push(certain);
      if (name === 'offered') out.push(bound);
    }
    return out;
  };
  const { plot } = chart;
  const entries = keys.map((key) => Object.assign({
    short: narrow(plot) || key === 'offered' ? '' : key === 'bound' ? '> …' : kinds[key].label,
    value: (i) => { const v = chart.u.data[1 + keys.indexOf(key)][i]; return v == null ? '' : (key === 'bound' ? '> ' : '') + duration(v); },
  }, kinds[key]));
  makeLegend(chart, entries);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = font(11, 600);
  const names = Math.max(...entries.map((e) => (e.short ? pen.measureText(e.short).width : 0)));
  const nines = [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
  const hooks = {
    setCursor: [(u) => chart.say(u.cursor.idx === undefined ? null : u.cursor.idx, u.cursor.idx == null ? '' : percentile(u.data[0][u.cursor.idx]))],
    draw: [labels(entries), () => mark(chart, Math.max(...lines().map(([, l]) => l.rank.length)))],
  };
  chart.u = new uPlot({
    width: Math.max(plot.clientWidth, 160), height: 300, legend: { show: false }, padding: [12, Math.max(right(plot), Math.ceil(names) + 10), 0, 0], hooks,
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    series: [{}].concat(entries.map((e) => line(e, { paths: uPlot.paths.stepped({ align: -1 }), points: { show: false } }))),
    scales: { x: { time: false, distr: 3, range: (u, lo, hi) => [1, Math.max(hi || 10, 10)] }, y: { distr: 3, range: (u, lo, hi) => logRange(lo, hi) } },
    axes: [axis({ scale: 'x', size: 28, space: 40, splits: (u) => nines.filter((x) => x <= u.scales.x.max), filter: (u, s) => s, values: (u, s) => s.map(percentile) }), durationAxis(plot)],
  }, table(), plot);
  chart.update = () => {
    const same = lines().map(([name]) => name).join() === now.map(([name]) => name).join();
    if (same) chart.u.setData(table());
    return same;
  };
};
