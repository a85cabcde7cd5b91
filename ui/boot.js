// The stored theme is set before the first paint of the app, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem("loadline.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be switched off; the system's theme is then right.
}

import init from "./ui.js";

init({ module_or_path: new URL("./ui_bg.wasm", import.meta.url) }).catch((error) => {
  const main = document.createElement("main");
  main.style.cssText = "max-width:40rem;margin:4rem auto;padding:0 1.5rem";
  const title = document.createElement("h1");
  title.textContent = "The window could not start";
  const detail = document.createElement("p");
  detail.textContent = `${error}. Restart Loadline; if it happens again, run \"loadline assess\" in a terminal, which needs no window.`;
  main.append(title, detail);
  document.body.replaceChildren(main);
});
