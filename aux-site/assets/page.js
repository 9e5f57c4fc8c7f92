// What every page can do beside what it says: copy a command, be dark or light, and be searched by key.

const said = document.getElementById("said");

function say(text) {
  said.textContent = text;
}

for (const command of document.querySelectorAll(".command")) {
  const text = command.querySelector("code").textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${text}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      // Without permission or without https: the text is selected, to be copied by hand.
      getSelection().selectAllChildren(command.querySelector("code"));
      say("Selected; copy it with the keyboard");
    }
  });
  command.append(button);
}

const root = document.documentElement;
const theme = document.querySelector(".theme");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function showTheme(name) {
  if (name === "dark" || name === "light") {
    root.dataset.theme = name;
  }
  const isDark = name ? name === "dark" : prefersDark.matches;
  theme.textContent = isDark ? "Light" : "Dark";
  theme.setAttribute("aria-label", isDark ? "Use light colours" : "Use dark colours");
}

theme.hidden = false;
showTheme(remembered());
prefersDark.addEventListener("change", () => showTheme(remembered()));
theme.addEventListener("click", () => {
  const isDark = (root.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const name = isDark ? "light" : "dark";
  try {
    localStorage.setItem("theme", name);
  } catch {
    // It is for this page only, then.
  }
  showTheme(name);
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea") !== null;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    (document.getElementById("q") ?? document.querySelector(".jump input")).focus();
  }
});

if (document.getElementById("search")) {
  const { start } = await import("./search/view.js");
  start(root.dataset.root);
}
