// The series as the page holds it: what report.Points is in Go, put together from a whole and what followed.

const counted = ['planned', 'sent', 'good', 'done', 'failed', 'unfinished', 'dropped', 'not_offered', 'in_flight', 'queued', 'cpu_ms', 'gc'];
const timed = ['p50', 'p90', 'p99', 'max', 'late'];

let D = null; // the series
let n = 0; // its points
let X = []; // the middle of each, in seconds

const join = (mine, theirs, from, length) => {
  const v = (mine || []).slice(0, from);
  while (v.length < from) v.push(0);
  for (const x of theirs || []) v.push(x);
  while (v.length < length) v.push(0);
  return v;
};

// take makes d part of the series; with d.from 0 it is all of it.
function take(d) {
  const from = D ? d.from : 0, length = d.from + d.planned.length;
  if (from !== d.from) throw new Error('a part from point ' + d.from + ' on came first');
  const old = from === 0 ? {} : D;
  const s = { seconds: d.seconds, step: d.step, phases: d.phases || [], curve: d.curve, codes: [], heat: null };
  for (const key of counted.concat(timed)) s[key] = join(old[key], d[key], from, length);
  for (const [i, c] of (d.codes || []).entries()) {
    s.codes.push({ code: c.code, class: c.class, v: join(((old.codes || [])[i] || {}).v, c.v, from, length) });
  }
  const h = d.heat, before = (old.heat && old.heat.columns) || [];
  s.heat = { per: h.per, columns: before.slice(0, h.from).concat(h.columns), open: join(old.heat && old.heat.open, h.open, h.from, h.from + h.columns.length) };
  D = s;
  n = length;
  X = Array.from({ length: n }, (_, i) => (i + 0.5) * D.step);
}

// total is how many seconds the charts show without zoom.
const total = () => Math.max(D.seconds, 1);

// width is how many seconds point i stands for: the last one may not be whole.
const width = (i) => Math.min(D.step, D.seconds - i * D.step);

const perSecond = (v) => v.map((x, i) => x / width(i));

// closedAt tells whether nothing is planned at second t.
const closedAt = (t) => D.phases.some((p) => p.closed && t >= p.from && t < p.to);

// shown picks the codes that get an area of their own, from the bottom up: those that should not be there first, where they can be
// read against the ground. Calls that ended without any code stand among them.
const ranks = { undocumented: 0, malformed: 1, transport: 2, lost: 3, gateway: 4, business: 5, ok: 6 };
const maxShown = 12;

function shownCodes() {
  const sum = (v) => v.reduce((a, b) => a + b, 0);
  const all = D.codes.map((c) => ({ name: c.code, class: c.class, v: c.v, sum: sum(c.v) }));
  for (const [key, english] of [['dropped', 'dropped'], ['unfinished', 'unfinished'], ['not_offered', 'not offered']]) {
    all.push({ name: word(key, english), class: 'lost', late: key === 'not_offered', v: D[key], sum: sum(D[key]) });
  }
  const bySum = (a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1);
  const some = all.filter((c) => c.sum > 0).sort(bySum);
  const loud = some.filter((c) => c.class === 'undocumented').slice(0, 5);
  const kept = loud.concat(some.filter((c) => !loud.includes(c))).slice(0, maxShown);
  const rest = some.filter((c) => !kept.includes(c));
  if (rest.length === 1) kept.push(rest.pop());
  kept.sort((a, b) => ranks[a.class] - ranks[b.class] || bySum(a, b));
  if (rest.length > 0) {
    const v = Array.from({ length: n }, (_, i) => rest.reduce((a, c) => a + c.v[i], 0));
    const strange = rest.some((c) => c.class === 'undocumented');
    kept.unshift({ name: word('other', 'other') + ' (' + rest.length + ')', class: strange ? 'undocumented' : 'other', v, sum: sum(v) });
  }
  return kept;
}
