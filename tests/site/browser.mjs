// The site in a browser: what is typed is found, what is found can be followed and linked, and nothing
// goes to another host. The first argument is a folder with the sites `example` and `family`, the
// second the corpus of questions.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { By, Key, until } from "selenium-webdriver";
import { browser, complaints } from "./driver.mjs";
import { serve } from "./server.mjs";

const [, , folder, corpusPath, pictures] = process.argv;
const corpus = JSON.parse(readFileSync(corpusPath, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE = 10_000;

let driver = await browser();
const tests = [];
const test = (name, run) => tests.push([name, run]);

/// Waits until the results are those of what is asked now, descriptions and all.
async function settled() {
  await driver.wait(
    () =>
      driver.executeScript(() => {
        const found = document.getElementById("found");
        const form = document.getElementById("search");
        const asked = new URLSearchParams();
        for (const [key, value] of new FormData(form)) {
          if (value.trim() !== "") asked.set(key, value);
        }
        return found.dataset.whole === "true" && found.dataset.asked === asked.toString();
      }),
    PATIENCE,
    "the results do not come",
  );
}

const texts = (css) =>
  driver.executeScript(
    (css) => [...document.querySelectorAll(css)].map((found) => found.textContent),
    css,
  );
const names = () => texts("#results a");
const field = () => driver.findElement(By.id("q"));
const address = async () => new URL(await driver.getCurrentUrl());

async function type(text) {
  await field().clear();
  await field().sendKeys(text);
  await settled();
}

test("the search of the page finds what `where` finds", async (url) => {
  await driver.get(`${url.family}index.html`);
  const found = await driver.executeAsyncScript(
    async (corpus, done) => {
      const { Index, MATCHES } = await import("./assets/search/index.js");
      const { filterOf } = await import("./assets/search/filter.js");
      const index = await Index.open("");
      await index.openTexts();
      const answer = async ({ ask, filters }) => {
        const filter = filterOf(index, new Map(Object.entries(filters)));
        const { hits, total } = await index.ask(ask, filter, 1000);
        const lines = hits.map((hit) => {
          const kind = index.kinds[index.kind[hit.thing]];
          const repo = index.repoOf(hit.thing);
          const name = index.shown[hit.row];
          const shown = repo !== "" && kind !== "repo" ? `${repo}/${name}` : name;
          return `${MATCHES[hit.matched]} ${kind} ${shown} ${index.reference(hit)}`.trim();
        });
        return { lines, total };
      };
      done(await Promise.all(corpus.map(answer)));
    },
    corpus,
  );
  assert.equal(found.length, corpus.length);
  corpus.forEach((question, at) => {
    const { lines, total } = found[at];
    assert.deepEqual(lines, question.hits, JSON.stringify(question.ask));
    assert.equal(total, question.hits.length);
  });
});

test("what is typed is found, followed, and found again on the way back", async (url) => {
  await driver.get(url.example);
  await type("gdm");
  assert.deepEqual(await names(), ["gnome/gdm", "gnome/gdm", "gnome/gdm-without-tls", "gnome/services.gdm.enable", "gnome/services.gdm.package"]);
  assert.equal((await address()).searchParams.get("q"), "gdm");
  const module = await driver.findElement(By.xpath("//li[.//span[.='module']]//a"));
  await module.click();
  assert.equal((await address()).pathname, "/modules/gnome/gdm.html");
  assert.deepEqual(await texts(".option h3"), ["services.gdm.enable", "services.gdm.package"]);
  await driver.navigate().back();
  await settled();
  assert.equal((await names()).length, 5);
  assert.equal(await field().getAttribute("value"), "gdm");
  await type("node 20");
  assert.deepEqual(await names(), ["javascript/nodejs_20"]);
  await type("opnessl");
  assert.deepEqual(await names(), ["core/openssl"]);
  assert.match((await texts("#count"))[0], /did you mean/);
});

test("an option leads to its place on the page of its module", async (url) => {
  await driver.get(`${url.example}?q=services.gdm.enable`);
  await settled();
  await driver.findElement(By.css("#results a")).click();
  const { pathname, hash } = await address();
  assert.equal(pathname + hash, "/modules/gnome/gdm.html#option-services.gdm.enable");
});

test("filters are in the address, and an address is a search", async (url) => {
  await driver.get(`${url.family}?sig=python&broken=1&system=aarch64-linux`);
  await settled();
  assert.deepEqual(await names(), ["python/numpy"]);
  assert.match((await texts("#results li"))[0], /broken on aarch64-linux, x86_64-linux/);
  assert.equal(await driver.findElement(By.css("details.filters")).getAttribute("open"), "true");
  await driver.findElement(By.name("broken")).click();
  await settled();
  assert.ok((await names()).length > 3);
  const { searchParams } = await address();
  assert.deepEqual([...searchParams].sort(), [["sig", "python"], ["system", "aarch64-linux"]]);
  // What the family does not have is asked for all the same, and nothing is found.
  await driver.get(`${url.family}?repo=nowhere`);
  await settled();
  assert.deepEqual(await names(), []);
});

test("Enter opens what was typed, and not the answer to what was typed before", async (url) => {
  await driver.get(url.example);
  await type("zlib");
  await driver.executeScript(() => {
    // As if the answer took its time.
    const field = document.getElementById("q");
    field.value = "openssl";
    document.getElementById("search").requestSubmit();
  });
  await driver.wait(until.urlContains("/packages/core/openssl.html"), PATIENCE);
});

test("descriptions that cannot be had are told, and asked for again", async (url) => {
  await driver.get(url.family);
  await driver.executeScript(() => {
    const real = window.fetch;
    window.refuses = true;
    window.fetch = (address, ...more) => {
      if (String(address).includes("texts-") && window.refuses) {
        return Promise.resolve(new Response("", { status: 503 }));
      }
      return real(address, ...more);
    };
  });
  await field().sendKeys("cryptography");
  await driver.wait(async () => /missing: .*503/.test((await texts("#count"))[0]), PATIENCE);
  await driver.executeScript(() => {
    window.refuses = false;
  });
  await field().sendKeys(" ");
  await settled();
  assert.deepEqual(await names(), ["core/openssl"]);
  assert.equal((await texts("#count"))[0], "1 result");
});

test("the start of an older site does not lead to wrong answers", async (url) => {
  await driver.get(url.family);
  const found = await driver.executeAsyncScript(async (done) => {
    const real = window.fetch;
    let asked = 0;
    window.fetch = async (address, ...more) => {
      const answer = await real(address, ...more);
      if (String(address).endsWith("start.json") && asked++ === 0) {
        const start = await answer.json();
        start.thingParts = start.thingParts.map((name) => name.replace(/\.[0-9a-f]{12}\./, ".000000000000."));
        return new Response(JSON.stringify(start));
      }
      return answer;
    };
    const { Index } = await import("./assets/search/index.js");
    const index = await Index.open("");
    window.fetch = real;
    const { hits } = await index.ask("zlib", null, 10);
    done([asked, hits.map((hit) => index.page(hit))]);
  });
  assert.deepEqual(found, [2, ["packages/core/zlib.html"]]);
  // That a part of it was not there is what the console says here.
  await complaints(driver, "http://127.0.0.1:");
});

test("a title names the search", async (url) => {
  await driver.get(`${url.example}?q=zlib`);
  await settled();
  assert.equal(await driver.getTitle(), "zlib – auxolotl");
});

test("what had another name is told", async (url) => {
  await driver.get(`${url.family}?q=nose`);
  await settled();
  await driver.wait(until.elementLocated(By.css("#former li")), PATIENCE);
  assert.match((await texts("#former li"))[0], /nobody maintains it; use pytest/);
});

test("the keyboard alone is enough", async (url) => {
  await driver.get(url.example);
  const keys = (...all) => driver.actions().sendKeys(...all).perform();
  await keys("/");
  assert.equal(await driver.switchTo().activeElement().getAttribute("id"), "q");
  await keys("openssl");
  await settled();
  await keys(Key.ARROW_DOWN);
  assert.equal(await driver.switchTo().activeElement().getText(), "core/openssl");
  await keys(Key.ARROW_UP);
  assert.equal(await driver.switchTo().activeElement().getAttribute("id"), "q");
  await keys(Key.ENTER);
  await driver.wait(until.urlContains("/packages/core/openssl.html"), PATIENCE);
  await keys("/");
  assert.equal(await driver.switchTo().activeElement().getAttribute("name"), "q");
  await keys("zlib", Key.ENTER);
  await driver.wait(until.urlContains("index.html?q=zlib"), PATIENCE);
  await settled();
  assert.equal((await names())[0], "core/zlib");
});

test("a command is copied", async (url) => {
  await driver.get(`${url.example}packages/core/openssl.html`);
  await driver.executeScript(() => {
    navigator.clipboard.writeText = async (text) => {
      window.copied = text;
    };
  });
  await driver.findElement(By.css(".command button")).click();
  await driver.wait(async () => (await texts(".command button"))[0] === "Copied", PATIENCE);
  const copied = await driver.executeScript(() => window.copied);
  assert.equal(copied, "nix build github:auxolotl/core#openssl");
});

test("dark and light are remembered", async (url) => {
  await driver.get(url.example);
  const back = () =>
    driver.executeScript(() => getComputedStyle(document.body).backgroundColor);
  const light = await back();
  await driver.findElement(By.css(".theme")).click();
  const dark = await back();
  assert.notEqual(dark, light);
  await driver.get(`${url.example}repos.html`);
  assert.equal(await back(), dark);
  await driver.findElement(By.css(".theme")).click();
  assert.equal(await back(), light);
});

test("nothing on the way from the picture of tiers to a package is a dead end", async (url) => {
  await driver.get(`${url.example}tiers.html`);
  await driver.findElement(By.css(".picture a[aria-label=python]")).click();
  assert.equal((await address()).pathname, "/repos/python.html");
  await driver.findElement(By.linkText("cryptography")).click();
  assert.equal((await address()).pathname, "/packages/python/cryptography.html");
  await driver.findElement(By.linkText("rust/rustc")).click();
  assert.equal((await texts("h1"))[0], "rustc");
});

test("hostile texts are texts", async (url) => {
  for (const page of ["?q=alert", "people/grace.html", "sigs/js.html", "sigs/python.html", "packages/web/nodeTools.html", "packages/core/zlib.html", "modules/web/shell.html"]) {
    await driver.get(url.family + page);
    if (page.startsWith("?")) await settled();
    const found = await driver.executeScript(
      () =>
        [...document.querySelectorAll("main script:not([src='assets/opened.js']), main img, main [onload], main [onerror]")].length +
        [...document.querySelectorAll("a")].filter((link) => link.protocol === "javascript:").length,
    );
    assert.equal(found, 0, page);
  }
});

test("axe finds nothing serious", async (url) => {
  const pages = [
    "",
    "?q=e",
    "tiers.html",
    "repos.html",
    "sigs.html",
    "people.html",
    "modules.html",
    "releases.html",
    "letters/o.html",
    "packages/core/openssl.html",
    "packages/javascript/nodejs.html",
    "modules/gnome/gdm.html",
    "overlays/gnome/gdm-without-tls.html",
    "repos/python.html",
    "sigs/python.html",
    "people/python-lead.html",
  ];
  for (const theme of ["light", "dark"]) {
    for (const page of pages) {
      await driver.get(url.example + page);
      if (page.startsWith("?")) await settled();
      await driver.executeScript((theme) => {
        document.documentElement.dataset.theme = theme;
      }, theme);
      await driver.executeScript(axe);
      const found = await driver.executeAsyncScript((done) =>
        axe.run(document).then((found) => done(found.violations)),
      );
      const serious = found.filter(({ impact }) => impact === "serious" || impact === "critical");
      const told = serious.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
      assert.deepEqual(told, [], `${theme} ${page}`);
    }
  }
});

test("a telephone shows all of it", async (url) => {
  await driver.manage().window().setRect({ width: 360, height: 700 });
  try {
    for (const page of ["", "?q=e", "packages/javascript/nodejs.html", "repos/python.html", "modules/gnome/gdm.html"]) {
      await driver.get(url.example + page);
      if (page.startsWith("?")) await settled();
      const wide = await driver.executeScript(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wide <= 0, `${page} is ${wide} pixels too wide`);
    }
  } finally {
    await driver.manage().window().setRect({ width: 1100, height: 900 });
  }
});

const servers = {};
const url = {};
for (const name of ["example", "family"]) {
  servers[name] = await serve(join(folder, name));
  url[name] = servers[name].url;
}
let failed = 0;
for (const [name, run] of tests) {
  try {
    await run(url);
    const said = await complaints(driver, "http://127.0.0.1:");
    assert.deepEqual(said, [], "the console or the network");
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.stack}`);
    await complaints(driver, "http://127.0.0.1:");
  }
}
if (pictures) {
  for (const [name, page] of [["search", "?q=python"], ["package", "packages/javascript/nodejs.html"], ["tiers", "tiers.html"]]) {
    await driver.get(url.example + page);
    if (page.startsWith("?")) await settled();
    writeFileSync(join(pictures, `${name}.png`), await driver.takeScreenshot(), "base64");
  }
}
await driver.quit();

// Without JavaScript everything is a list.
driver = await browser("--blink-settings=scriptEnabled=false");
try {
  await driver.get(url.example);
  assert.match(await driver.findElement(By.css("noscript")).getText(), /by letter/);
  await driver.findElement(By.linkText("o")).click();
  await driver.findElement(By.linkText("openssl")).click();
  assert.equal(await driver.findElement(By.css("h1")).getText(), "openssl");
  assert.equal((await driver.findElements(By.css(".command button"))).length, 0);
  console.log("ok      without JavaScript everything is listed");
} catch (error) {
  failed++;
  console.log(`FAILED  without JavaScript everything is listed\n${error.stack}`);
}
await driver.quit();
for (const server of Object.values(servers)) server.close();
console.log(`${tests.length + 1} tests in a browser, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
