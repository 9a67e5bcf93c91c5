// What a segmentation run says, and how its pages look.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

const COMPANY = ["--customers", "300", "--orders", "2500"];

/**
 * Asks for a run on a page without one, and waits for its results.
 * @param {Page} page
 */
async function run(page) {
  await page.getByTestId("run").first().click();
  const start = page.getByTestId("run-start");
  await visible(start);
  await start.click();
}

journey(
  "RFM is run, a cell shows its customers, and they are found in the list of customers",
  async (site) => {
    const admin = await site.employee("admin@demo.example");
    const page = await site.visit({ as: admin });
    await open(page, "/rfm");
    await visible(page.getByText("No run yet"));
    await run(page);
    await visible(page.getByTestId("heat"));
    const best = page.getByTestId("cell-5-5");
    const count = Number((await best.textContent())?.replaceAll(",", ""));
    assert.ok(count > 0, "somebody is best");
    await best.click();
    await page.waitForURL(/recency_score=5/);
    await page.waitForFunction(
      (n) => document.querySelectorAll("section:has([data-testid='csv-scores']) tbody tr:not(.gap)").length === n,
      count,
    );
    const file = page.waitForEvent("download");
    await page.getByTestId("csv-scores").click();
    const text = await readFile(await (await file).path(), "utf8");
    assert.equal(text.trim().split("\n").length, count + 1, "the file has the customers of the cell");
    await page.getByTestId("in-customers").click();
    await page.waitForURL(/\/customers\?/);
    await settled(page);
    const link = page.locator("main tbody tr").first().getByRole("link").first();
    await link.click();
    await visible(page.getByTestId("scores").getByText("5 · 5"));
  },
  COMPANY,
);

journey(
  "the pages of a run look right in both languages and themes",
  async (site) => {
    const admin = await site.employee("admin@demo.example");
    const { settings } = await made(admin.api.GET("/api/v1/segmentation-settings"));
    const body = { as_of: null, settings: { ...settings, holdout_days: 180 } };
    await made(admin.api.POST("/api/v1/segmentation-runs", { body }));
    for (const { language, theme } of LOOKS) {
      const page = await site.visit({ as: admin, language, theme });
      for (const [path, there] of /** @type {const} */ ([
        ["/rfm", "heat"],
        ["/lifetime", "deciles"],
        ["/churn", "win-back"],
      ])) {
        await open(page, path);
        await visible(page.getByTestId(there));
        await settled(page);
        await assertAccessible(page, `${path}, ${language}, ${theme}`);
        await screenshot(page, `${path.slice(1)}-${language}-${theme}`);
      }
    }
    const phone = await site.visit({ as: admin, width: 360 });
    for (const path of ["/rfm", "/lifetime", "/churn"]) {
      await open(phone, path);
      await settled(phone);
      const over = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} is ${over} pixels too wide for a phone`);
    }
  },
  COMPANY,
);
