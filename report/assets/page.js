"use strict";
// The theme switch, the copy buttons, and the light theme while printing. Without this script the page reads the same.
(function () {
  const root = document.documentElement;
  const words = (function () {
    const e = document.getElementById("words");
    return e ? JSON.parse(e.textContent) : {};
  })();
  const word = (key, english) => words[key] || english;
  const redraw = () => { if (window.axbenchCharts) window.axbenchCharts.redraw(); };

  // A page on disk may have no storage.
  const kept = (function () {
    try { return localStorage.getItem("axbench-theme"); } catch (_) { return null; }
  })();
  const keep = (theme) => { try { localStorage.setItem("axbench-theme", theme); } catch (_) { /* not kept */ } };

  const order = ["auto", "light", "dark"];
  let theme = order.includes(kept) ? kept : "auto";
  const apply = (t) => {
    if (t === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", t);
  };
  apply(theme);

  function themeSwitch() {
    const button = document.getElementById("theme");
    if (!button) return;
    const label = () => { button.textContent = word("theme_" + theme, "theme: " + theme); };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      apply(theme);
      keep(theme);
      label();
      redraw();
    });
    if (window.matchMedia) {
      window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (theme === "auto") redraw(); });
    }
  }

  // Paper is white: canvases are drawn anew, since they cannot follow a style sheet.
  window.addEventListener("beforeprint", () => { apply("light"); redraw(); });
  window.addEventListener("afterprint", () => { apply(theme); redraw(); });

  async function copy(button) {
    const from = document.getElementById(button.dataset.copy);
    if (!from) return;
    let done = false;
    try {
      await navigator.clipboard.writeText(from.textContent);
      done = true;
    } catch (_) {
      const range = document.createRange();
      range.selectNodeContents(from);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      try { done = document.execCommand("copy"); } catch (_) { /* it stays selected */ }
    }
    button.textContent = done ? word("copied", "copied") : word("copy_failed", "select and copy by hand");
    setTimeout(() => { button.textContent = word("copy", "copy"); }, 2000);
  }

  // Sections of a live page are replaced: one listener for all buttons there will be.
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-copy]");
    if (button) copy(button);
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", themeSwitch); else themeSwitch();
  root.classList.add("scripted");
})();
