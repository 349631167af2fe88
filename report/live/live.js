"use strict";
// Keeps the page of a run up to date from /events, and leaves its last state readable when the run, or the connection, has ended.
// What goes into a section is HTML of the report's own templates; everything else is set as text.
(function () {
  const words = JSON.parse(document.getElementById("words").textContent);
  const word = (key, english) => words[key] || english;
  const root = document.documentElement;

  // Seconds until the next try when the connection is lost; after the last one the reader has to ask for it.
  const waits = [1, 1, 2, 2, 4, 4, 8, 8, 15, 15, 30, 30];

  const style = document.createElement("style");
  style.textContent =
    "#live{position:sticky;top:0;z-index:20;display:flex;flex-wrap:wrap;gap:.1rem .8rem;align-items:baseline;padding:.3rem max(1.25rem,calc(50vw - 540px + 1.25rem));" +
    "background:var(--card);color:var(--ink);border-bottom:1px solid var(--line);font-size:.88rem}" +
    "#live>*{min-width:0;overflow-wrap:anywhere}#live b{color:var(--tone,var(--soft))}" +
    "#live[data-state=live]{--tone:var(--good)}#live[data-state=lost]{--tone:var(--open)}" +
    "#live button{font:inherit;padding:0 .6rem}html{scroll-padding-top:3.2rem}@media print{#live{display:none}}";
  document.head.appendChild(style);
  root.style.overflowAnchor = "none"; // what is read is held in place below

  const bar = document.createElement("div");
  bar.id = "live";
  const said = document.createElement("b"); // read out when it changes, unlike the time beside it
  said.setAttribute("role", "status");
  const more = document.createElement("span");
  more.className = "soft";
  const file = document.createElement("span");
  const again = document.createElement("button");
  again.type = "button";
  again.hidden = true;
  again.textContent = word("try_again", "try again");
  bar.append(said, more, file, again);
  document.body.prepend(bar);

  let events = null, timer = 0, tries = 0, at = "", ended = false;

  function show(state, mark, text, detail) {
    bar.dataset.state = state;
    text = mark + " " + text;
    if (said.textContent !== text) said.textContent = text;
    more.textContent = detail;
    again.hidden = state !== "lost" || timer !== 0;
  }

  const lastState = () => at ? word("last_state", "last state of") + " " + at + " UTC" : "";

  // Details that the reader has opened or closed are known again by what stands in them, numbers aside.
  function detailsOf(section) {
    const found = new Map(), count = new Map();
    for (const d of section.querySelectorAll("details")) {
      const near = d.closest("[id]"), summary = d.querySelector("summary");
      const name = (near ? near.id : "") + "|" + (summary ? summary.textContent.replace(/\d[\d.,]*/g, "#") : "");
      const n = count.get(name) || 0;
      count.set(name, n + 1);
      found.set(name + "|" + n, d);
    }
    return found;
  }

  const focusName = (e) => [e.tagName, e.id, e.dataset.copy, e.getAttribute("href"), e.textContent.replace(/\d[\d.,]*/g, "#")].join("|");

  function fill(section, html) {
    const open = new Map();
    for (const [name, d] of detailsOf(section)) open.set(name, d.open);
    const across = Array.from(section.querySelectorAll(".scroll"), (e) => e.scrollLeft);
    const active = section.contains(document.activeElement) ? focusName(document.activeElement) : "";
    section.innerHTML = html;
    for (const [name, d] of detailsOf(section)) if (open.has(name)) d.open = open.get(name);
    section.querySelectorAll(".scroll").forEach((e, i) => { if (across[i]) e.scrollLeft = across[i]; });
    if (!active) return;
    for (const e of section.querySelectorAll("a,button,summary,input,[tabindex]")) {
      if (focusName(e) === active) { e.focus({ preventScroll: true }); break; }
    }
  }

  // Text that is being selected stays until it is let go.
  function selected(section) {
    const s = window.getSelection();
    return s && !s.isCollapsed && s.rangeCount > 0 && s.getRangeAt(0).intersectsNode(section);
  }

  const shown = new Map(), pending = new Map();

  function place() {
    if (pending.size === 0) return;
    const anchor = Array.from(document.querySelectorAll("[data-section]")).find((e) => e.getBoundingClientRect().bottom > 0);
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    for (const [name, html] of Array.from(pending)) {
      const section = document.getElementById(name);
      if (section && selected(section)) continue;
      pending.delete(name);
      if (!section || !section.hasAttribute("data-section") || shown.get(name) === html) continue;
      fill(section, html);
      shown.set(name, html);
    }
    const moved = anchor ? anchor.getBoundingClientRect().top - before : 0;
    if (window.scrollY > 0 && Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: "instant" });
  }
  document.addEventListener("selectionchange", place);

  function apply(u) {
    at = u.at;
    for (const name of Object.keys(u.sections)) pending.set(name, u.sections[name]);
    place();
    if (u.series && window.axbenchCharts) window.axbenchCharts.append(u.series);
    const head = document.querySelector("#headline h1");
    if (head && head.lastChild) document.title = document.title.replace(/^[^·]*/, head.lastChild.textContent.trim() + " ");
  }

  function end(u) {
    ended = true;
    stop();
    apply(u);
    const head = document.querySelector("#headline h1");
    const verdict = head ? head.lastChild.textContent.trim() : u.verdict;
    const code = u.exit_code === undefined ? "" : " · " + word("exit_code", "exit code") + " " + u.exit_code;
    show("ended", "■", word("ended", "the run has ended"), verdict + code + " · " + lastState());
    if (u.report) {
      const path = document.createElement("code");
      path.textContent = u.report;
      file.replaceChildren(word("report_in", "report:") + " ", path);
    }
    bar.dataset.verdict = u.verdict || "";
  }

  function stop() {
    if (events) events.close();
    events = null;
    clearTimeout(timer);
    timer = 0;
  }

  function lost() {
    stop();
    if (ended) return;
    const wait = waits[tries++];
    if (wait !== undefined) timer = setTimeout(start, 1000 * wait);
    const next = wait !== undefined ? word("retrying", "trying again") : word("gave_up", "not tried again");
    show("lost", "▲", word("lost", "connection lost: this is the last state"), [lastState(), next].filter(Boolean).join(" · "));
  }

  function start() {
    stop();
    if (tries === 0) show("waiting", "…", word("connecting", "connecting"), lastState());
    const source = new EventSource("events");
    events = source;
    const on = (name, f) => source.addEventListener(name, (e) => {
      if (events !== source) return;
      let u;
      try { u = JSON.parse(e.data); } catch (_) { lost(); return; }
      tries = 0;
      f(u);
    });
    on("state", (u) => { apply(u); show("live", "●", word("live", "live"), lastState()); });
    on("end", end);
    source.addEventListener("error", () => { if (events === source) lost(); });
  }

  again.addEventListener("click", () => { tries = 0; start(); });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (e) => { if (e.persisted && !ended) start(); });
  start();
})();
