// The search of the first page: what is typed goes into the address, and what is found into a list.

import { Index, MATCHES } from "./index.js";
import { FUZZY } from "./query.js";
import { KEYS, filterOf, isOn } from "./filter.js";

const ON_A_PAGE = 50;

export function start(root) {
  new View(root).begin();
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

class View {
  constructor(root) {
    this.root = root;
    this.form = document.getElementById("search");
    this.field = document.getElementById("q");
    this.found = document.getElementById("found");
    this.list = document.getElementById("results");
    this.count = document.getElementById("count");
    this.formerly = document.getElementById("former");
    this.more = document.getElementById("more");
    this.first = document.getElementById("start");
    this.shown = ON_A_PAGE;
    this.index = null;
    this.opening = null;
    this.texts = null;
    /// Why descriptions and people could not be read.
    this.lack = null;
    this.title = document.title;
  }

  begin() {
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.remember(true);
      // What stands there may be the answer to what was typed before.
      const asked = this.asked().toString();
      if (this.found.dataset.asked !== asked) {
        await this.show();
      }
      if (this.found.dataset.asked === asked) {
        this.list.querySelector("a")?.click();
      }
    });
    this.form.addEventListener("input", () => {
      this.shown = ON_A_PAGE;
      this.remember(false);
      this.show();
    });
    this.field.addEventListener("focus", () => this.open().catch(() => {}), { once: true });
    this.more.addEventListener("click", () => {
      const before = this.list.children.length;
      this.shown += ON_A_PAGE;
      this.show();
      this.list.children[before]?.querySelector("a").focus();
    });
    addEventListener("popstate", () => {
      this.recall();
      this.show();
    });
    document.addEventListener("keydown", (event) => this.walk(event));
    // Whoever is faster than this script keeps what is typed.
    const typed = this.field.value;
    this.recall();
    if (this.field.value === "" && typed !== "") {
      this.field.value = typed;
      this.remember(false);
    }
    this.form.dataset.ready = "true";
    if (this.asked().size > 0) {
      this.show();
    }
  }

  /// What is asked, from the form; what is empty is left out.
  asked() {
    const asked = new URLSearchParams();
    for (const [key, value] of new FormData(this.form)) {
      if (value.trim() !== "") {
        asked.set(key, value);
      }
    }
    return asked;
  }

  /// Fills the form from the address.
  recall() {
    const asked = new URLSearchParams(location.search);
    this.field.value = asked.get("q") ?? "";
    for (const key of KEYS) {
      const field = this.form.elements[key];
      const value = asked.get(key) ?? "";
      if (field.type === "checkbox") {
        field.checked = isOn(value);
      } else {
        field.value = value;
        if (field.value !== value) {
          // The address asks for something that this family does not have.
          field.append(element("option", value, { value }));
          field.value = value;
        }
      }
    }
    if (KEYS.some((key) => asked.has(key))) {
      this.form.querySelector("details").open = true;
    }
  }

  /// Writes the form into the address: a step back leaves a search, not one letter of it.
  remember(isDone) {
    const asked = this.asked();
    const query = asked.size > 0 ? `?${asked}` : location.pathname;
    const isFirst = location.search === "" && asked.size > 0;
    if (isFirst || (isDone && query !== location.search)) {
      history.pushState(null, "", query);
    } else {
      history.replaceState(null, "", query);
    }
  }

  async open() {
    this.opening ??= Index.open(this.root);
    try {
      this.index = await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
    if (!this.index.hasTexts && !this.texts) {
      this.texts = this.index.openTexts();
      this.texts.then(
        () => {
          this.lack = null;
          this.show();
        },
        (error) => {
          // Whatever is asked next tries again.
          this.texts = null;
          this.lack = error;
          this.show(false);
        },
      );
    }
  }

  fail(error) {
    this.found.hidden = false;
    this.count.textContent = `The index cannot be read: ${error.message}`;
  }

  /// Shows what is found. `again` is whether to ask for descriptions that could not be had.
  async show(again = true) {
    const asked = this.asked();
    const isAsked = asked.size > 0;
    this.found.hidden = !isAsked;
    this.first.hidden = isAsked;
    if (!isAsked) {
      document.title = this.title;
      return;
    }
    const began = performance.now();
    const query = (asked.get("q") ?? "").trim();
    document.title = query === "" ? this.title : `${query} – ${this.title}`;
    if (this.index === null || (again && !this.index.hasTexts)) {
      this.count.textContent = this.index === null ? "Reading the index…" : this.count.textContent;
      try {
        await this.open();
      } catch (error) {
        this.fail(error);
        return;
      }
    }
    if (this.asked().toString() !== asked.toString()) {
      return;
    }
    const text = asked.get("q") ?? "";
    const filter = filterOf(this.index, asked);
    const { total, hits, former } = await this.index.ask(text, filter, this.shown);
    if (this.asked().toString() !== asked.toString()) {
      return;
    }
    this.list.replaceChildren(...hits.map((hit) => this.item(hit)));
    const isGuess = hits.length > 0 && hits.every((hit) => hit.matched === FUZZY);
    const summary = this.summary(total, hits.length, isGuess, text);
    const lack = this.lack === null ? "" : ` Descriptions and people are missing: ${this.lack.message}.`;
    this.count.textContent = summary + lack;
    this.more.hidden = hits.length >= total;
    this.found.dataset.took = String(performance.now() - began);
    this.found.dataset.whole = String(this.index.hasTexts);
    this.found.dataset.asked = asked.toString();
    const told = former.map((one) => element("li", `The ${one.kind} ${one.name} ${one.sentence}.`));
    this.formerly.replaceChildren(...told);
  }

  summary(total, shown, isGuess, text) {
    if (total === 0) {
      const isReading = !this.index.hasTexts && this.lack === null;
      return isReading ? "No name fits; reading the descriptions…" : "Nothing was found.";
    }
    if (isGuess) {
      return `Nothing is called ${text.trim()}; did you mean:`;
    }
    const things = total === 1 ? "1 result" : `${total} results`;
    return shown < total ? `${things}, the best ${shown} shown` : things;
  }

  item(hit) {
    const { index } = this;
    const { row, thing } = hit;
    const item = element("li", "");
    item.dataset.match = MATCHES[hit.matched];
    const kind = index.kinds[index.kind[thing]];
    const repo = index.repoOf(thing);
    const isInRepo = repo !== "" && kind !== "repo";
    const line = element("p", "");
    const name = index.shown[row];
    line.append(element("a", isInRepo ? `${repo}/${name}` : name, { href: this.root + index.page(hit) }));
    line.append(" ", element("span", kind === "sig" ? "SIG" : kind, { class: "is" }));
    const of = index.aliasOf.get(row);
    const partOf = index.own[row] ? index.partOf.get(thing) : index.nameOf[thing];
    if (of !== undefined) {
      line.append(element("small", ` = ${of}`));
    } else if (partOf !== undefined) {
      line.append(element("small", ` of ${partOf}`));
    }
    if (index.versions[thing] !== "") {
      line.append(element("small", ` ${index.versions[thing]}`));
    }
    if (index.broken[thing] !== 0) {
      const systems = index.systemsOf(index.broken, thing);
      line.append(" ", element("strong", `broken on ${systems.join(", ")}`));
    }
    if (index.unfree[thing]) {
      line.append(" ", element("span", "not free", { class: "is" }));
    }
    item.append(line);
    const full = index.full.get(row);
    const texts = [full, index.shownDescriptions[thing]].filter((text) => text);
    if (texts.length > 0) {
      item.append(element("p", texts.join(" – ")));
    }
    const owner = index.ownerOf(thing);
    const reference = index.reference(hit);
    const last = element("p", "", { class: "quiet" });
    if (reference !== "") {
      last.append(element("code", reference));
    }
    if (owner !== "" && kind !== "sig") {
      last.append(` ${kind === "repo" ? "run" : "owned"} by SIG ${owner}`);
    }
    if (last.childNodes.length > 0) {
      item.append(last);
    }
    return item;
  }

  /// Arrows go from the field through the results and back.
  walk(event) {
    const isDown = event.key === "ArrowDown";
    if ((!isDown && event.key !== "ArrowUp") || event.target.closest("select")) {
      return;
    }
    const links = [...this.list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const isInField = document.activeElement === this.field;
    if (links.length === 0 || (at < 0 && !isInField)) {
      return;
    }
    event.preventDefault();
    if (isDown) {
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (at > 0) {
      links[at - 1].focus();
    } else {
      this.field.focus();
    }
  }
}
