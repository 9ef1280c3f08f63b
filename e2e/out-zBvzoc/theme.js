// Runs before the first paint (a classic script in <head>), so that the page
// never flashes in the wrong theme. The choice is kept for this browser only.
(() => {
  const KEY = "typed-sse-showcase-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; the system's preference is used then.
  }
  if (chosen !== "dark" && chosen !== "light") chosen = null;

  const apply = () => {
    document.documentElement.dataset.theme = chosen ?? (dark.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  dark.addEventListener("change", apply);
  window.toggleTheme = () => {
    const shown = document.documentElement.dataset.theme;
    chosen = shown === "dark" ? "light" : "dark";
    // Back at what the system says: follow the system again.
    const followed = chosen === (dark.matches ? "dark" : "light");
    try {
      if (followed) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // As above.
    }
    if (followed) chosen = null;
    apply();
  };
  apply();
})();
