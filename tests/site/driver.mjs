// Chromium without a window, which asks nobody but loopback for anything.
import { Builder, logging } from "selenium-webdriver";
import { Options, ServiceBuilder } from "selenium-webdriver/chrome.js";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function browser(...more) {
  const options = new Options();
  options.setChromeBinaryPath("/usr/bin/chromium");
  options.addArguments(
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${mkdtempSync(join(tmpdir(), "chromium-"))}`,
    "--window-size=1100,900",
    ...more,
  );
  const wanted = new logging.Preferences();
  wanted.setLevel(logging.Type.BROWSER, logging.Level.ALL);
  wanted.setLevel(logging.Type.PERFORMANCE, logging.Level.ALL);
  options.setLoggingPrefs(wanted);
  return new Builder()
    .forBrowser("chrome")
    .setChromeOptions(options)
    .setChromeService(new ServiceBuilder("/usr/bin/chromedriver"))
    .build();
}

/// What the pages asked for that is not of the site, and what the console says.
export async function complaints(driver, url) {
  const said = [];
  for (const entry of await driver.manage().logs().get(logging.Type.BROWSER)) {
    said.push(`console: ${entry.message}`);
  }
  for (const entry of await driver.manage().logs().get(logging.Type.PERFORMANCE)) {
    const { message } = JSON.parse(entry.message);
    const asked = message.method === "Network.requestWillBeSent" ? message.params.request.url : url;
    if (!asked.startsWith(url) && !asked.startsWith("data:") && !asked.startsWith("chrome:")) {
      said.push(`a request to ${asked}`);
    }
  }
  return said;
}
