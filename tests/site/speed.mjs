// How fast the search of a large site is in a browser: the first view, the first answer, and each key
// after it. The argument is the folder of a site; `scripts/browser-speed` makes one.
import { By } from "selenium-webdriver";
import { browser } from "./driver.mjs";
import { serve } from "./server.mjs";

const [, , folder] = process.argv;
const PATIENCE = 60_000;
const driver = await browser();
const server = await serve(folder);

const settled = (whole) =>
  driver.wait(
    () =>
      driver.executeScript((whole) => {
        const { dataset } = document.getElementById("found");
        const asked = new URLSearchParams({ q: document.getElementById("q").value });
        return dataset.asked === asked.toString() && (!whole || dataset.whole === "true");
      }, whole),
    PATIENCE,
  );

await driver.get(server.url);
await driver.wait(() => driver.executeScript(() => document.getElementById("search").dataset.ready), PATIENCE);
const requests = server.sent.requests.length;
console.log(`first view: ${requests} requests, ${(server.sent.bytes / 1000).toFixed(0)} kB as sent`);

// The first key, from when it is typed until its answer stands there: the index is read in between.
const first = await driver.executeAsyncScript((done) => {
  const field = document.getElementById("q");
  const found = document.getElementById("found");
  const began = performance.now();
  new MutationObserver((_, observer) => {
    if (found.dataset.asked === "q=s") {
      observer.disconnect();
      done(performance.now() - began);
    }
  }).observe(found, { attributes: true });
  field.focus();
  field.value = "s";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
console.log(`first answer: ${first.toFixed(0)} ms, ${(server.sent.bytes / 1000).toFixed(0)} kB as sent by then`);
await settled(true);

const took = [];
for (const query of ["search", "python server", "library 77", "serch-editr", "@ada", "zzzzqqq", "graphics crypto library"]) {
  const field = await driver.findElement(By.id("q"));
  await field.clear();
  for (let end = 1; end <= query.length; end++) {
    await field.sendKeys(query[end - 1]);
    await settled(true);
    const ms = await driver.executeScript(() => Number(document.getElementById("found").dataset.took));
    took.push([ms, query.slice(0, end)]);
  }
}
took.sort(([one], [other]) => one - other);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))][0].toFixed(1);
const [worst, text] = took[took.length - 1];
console.log(`${took.length} keys: median ${at(0.5)} ms, nine of ten below ${at(0.9)} ms, worst ${worst.toFixed(1)} ms (${JSON.stringify(text)})`);
await driver.quit();
server.close();
