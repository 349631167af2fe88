// Texts, numbers and colours. Numbers are written as numbers.go writes them.

// W are the page's words by key; word gives the English one where the page has none.
const W = JSON.parse((document.getElementById('words') || { textContent: '{}' }).textContent);
const word = (key, english) => (typeof W[key] === 'string' && W[key]) || english;

const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

function number(f, decimals) {
  if (!Number.isFinite(f)) return '-';
  const [whole, rest] = Math.abs(f).toFixed(decimals).split('.');
  const text = group(whole) + (rest ? '.' + rest : '');
  return f < 0 && /[1-9]/.test(text) ? '-' + text : text;
}

const count = (n) => number(n, 0);
const rate = (f) => number(f, Math.abs(f) >= 1000 ? 0 : 1) + '/s';

function significant(f) {
  const abs = Math.abs(f);
  return number(f, abs >= 99.95 ? 0 : abs >= 9.995 ? 1 : 2);
}

// duration writes nanoseconds with three digits and a unit.
function duration(ns) {
  const abs = Math.abs(ns);
  if (!Number.isFinite(ns)) return '-';
  if (abs === 0) return '0';
  if (abs < 999.5) return significant(ns) + ' ns';
  if (abs < 999.5e3) return significant(ns / 1e3) + ' µs';
  if (abs < 999.5e6) return significant(ns / 1e6) + ' ms';
  if (abs < 120e9) return significant(ns / 1e9) + ' s';
  const s = Math.round(ns / 1e9), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  return (h ? h + 'h' : '') + m + 'm' + (s % 60) + 's';
}

// tick writes nanoseconds as an axis does: no digit more than needed.
const tick = (ns) => duration(ns).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ');

// clock writes seconds since the start; below two minutes as seconds.
function clock(s, whole) {
  if (whole < 120) return +s.toFixed(3) + ' s';
  const r = Math.round(s), two = (n) => String(n).padStart(2, '0');
  const h = Math.floor(r / 3600), m = Math.floor(r / 60) % 60;
  return (h ? h + ':' + two(m) : m) + ':' + two(r % 60);
}

// percentile writes p for x = 1/(1-p): with as many nines as it has.
function percentile(x) {
  if (x <= 1) return '0 %';
  const places = Math.max(0, Math.ceil(Math.log10(x) - 1e-9) - 2);
  return number(100 - 100 / x, x < 10 ? 0 : places + (Number.isInteger(Math.round(Math.log10(x) * 1e6) / 1e6) ? 0 : 1)) + ' %';
}

// ink holds the page's colours of the present theme.
let ink = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name, fallback) => style.getPropertyValue('--' + name).trim() || fallback;
  ink = {
    text: get('ink', '#222'), soft: get('soft', '#666'), line: get('line', '#ddd'), card: get('card', '#fff'),
    dark: get('heat-dark', '0') === '1', s: [], font: getComputedStyle(document.body).fontFamily || 'sans-serif',
  };
  for (let i = 1; i <= 8; i++) ink.s[i] = get('s' + i, '#555');
}

// faint is a colour with an alpha, from #rgb or #rrggbb.
function faint(colour, alpha) {
  const m = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour);
  if (!m) return colour;
  const h = m[1].length === 3 ? m[1].replace(/./g, '$&$&') : m[1];
  return 'rgba(' + [0, 2, 4].map((i) => parseInt(h.slice(i, i + 2), 16)).join(',') + ',' + alpha + ')';
}

// hatch is a fill of stripes.
function hatch(ctx, colour, ground, width) {
  const r = window.devicePixelRatio || 1, n = Math.max(4, Math.round(6 * r));
  const tile = document.createElement('canvas');
  tile.width = tile.height = n;
  const c = tile.getContext('2d');
  if (ground) {
    c.fillStyle = ground;
    c.fillRect(0, 0, n, n);
  }
  c.strokeStyle = colour;
  c.lineWidth = (width || 1) * r;
  for (const d of [-n, 0, n]) {
    c.beginPath();
    c.moveTo(d - 1, n + 1);
    c.lineTo(d + n + 1, -1);
    c.stroke();
  }
  return ctx.createPattern(tile, 'repeat');
}

// ramp gives colours for 0 to 1 that ascend in lightness alone, for eyes of every kind (viridis, without the
// end that is close to the ground of the theme).
const viridis = ['#440154', '#482878', '#3e4a89', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6dcd59', '#b4de2c', '#fde725'];
function ramp(t) {
  const stops = ink.dark ? viridis.slice(2) : viridis.slice(0, 8).reverse();
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2), f = at - i;
  const part = (c, k) => parseInt(c.slice(1 + 2 * k, 3 + 2 * k), 16);
  return 'rgb(' + [0, 1, 2].map((k) => Math.round(part(stops[i], k) * (1 - f) + part(stops[i + 1], k) * f)).join(',') + ')';
}

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}
