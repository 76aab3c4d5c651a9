// What all pages of quasi share: the button that changes the theme. The page
// follows the system until it is pressed; what was chosen is kept, if the
// browser lets a file keep something.
"use strict";
(function () {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("quasi-theme"); } catch (e) { /* not allowed */ }
  if (chosen !== "light" && chosen !== "dark") chosen = null;
  function show() {
    const dark = chosen ? chosen === "dark" : system.matches;
    if (chosen) root.dataset.theme = chosen;
    if (button) button.setAttribute("aria-pressed", String(dark));
  }
  if (button) {
    button.addEventListener("click", () => {
      chosen = button.getAttribute("aria-pressed") === "true" ? "light" : "dark";
      try { localStorage.setItem("quasi-theme", chosen); } catch (e) { /* not allowed */ }
      show();
    });
  }
  system.addEventListener("change", show);
  show();
})();
