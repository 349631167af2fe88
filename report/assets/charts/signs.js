// Signs of points whose shape says what became of a run, for charts that have no colour to say it with.

// sign draws what became of a probe: its shape tells it, whatever the colour is.
function sign(ctx, x, y, pass, colour) {
  const r = px(), s = 4.2 * r;
  ctx.beginPath();
  ctx.lineWidth = 2 * r;
  ctx.strokeStyle = ctx.fillStyle = colour;
  if (pass === true) {
    ctx.arc(x, y, s, 0, 2 * Math.PI);
    ctx.fill();
  } else if (pass === false) {
    ctx.moveTo(x - s, y - s); ctx.lineTo(x + s, y + s);
    ctx.moveTo(x - s, y + s); ctx.lineTo(x + s, y - s);
    ctx.stroke();
  } else {
    ctx.rect(x - s, y - s, 2 * s, 2 * s);
    ctx.stroke();
  }
}

// upward is the arrow over a lower bound.
function upward(ctx, x, y, colour) {
  const r = px();
  ctx.beginPath();
  ctx.lineWidth = 1.5 * r;
  ctx.strokeStyle = colour;
  ctx.moveTo(x, y - 7 * r); ctx.lineTo(x, y - 17 * r);
  ctx.moveTo(x - 4 * r, y - 12 * r); ctx.lineTo(x, y - 17 * r); ctx.lineTo(x + 4 * r, y - 12 * r);
  ctx.stroke();
}
