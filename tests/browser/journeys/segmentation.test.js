// Who is about to leave, why, and what is done about it; and how the pages of a segmentation run look.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { eventually, gone, journey, LOOKS, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

const COMPANY = ["--customers", "300", "--orders", "2500"];
/** So many customers that more than ten are about to leave. */
const LARGER = ["--customers", "1500", "--orders", "12000"];

/**
 * Asks for a run.
 * @param {Page} page
 */
async function run(page) {
  await page.getByTestId("run").first().click();
  const start = page.getByTestId("run-start");
  await visible(start);
  await start.click();
}

journey(
  "RFM is run again, a cell shows its customers, and they are found in the list of customers",
  async (site) => {
    const admin = await site.employee("admin@demo.example");
    const page = await site.visit({ as: admin });
    await open(page, "/rfm");
    // The made-up company has one already: there is a choice as soon as the other one is done.
    await visible(page.getByTestId("heat"));
    await run(page);
    await visible(page.getByTestId("run-choice"));
    await settled(page);
    await visible(page.getByTestId("heat"));
    const best = page.getByTestId("cell-5-5");
    const count = Number((await best.textContent())?.replaceAll(",", ""));
    assert.ok(count > 0, "somebody is best");
    await best.click();
    await page.waitForURL(/recency_score=5/);
    await settled(page);
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

for (const language of /** @type {const} */ (["en", "zh"])) {
  journey(
    `a manager finds the ten worth most who are about to leave, sees why, makes a segment of them and exports it (${language})`,
    async (site) => {
      const manager = await site.employee("admin@demo.example");
      const page = await site.visit({ as: manager, language });
      await open(page, "/churn");
      const rows = page.getByTestId("win-back-row");
      await visible(rows);
      await eventually(async () => assert.equal(await rows.count(), 10));
      const { data: wanted } = await manager.api.GET("/api/v1/win-back-candidates", {
        params: {
          query: { limit: 10, churn_level: "medium,high", lifecycle_stage: "growth,maturity,decline" },
        },
      });
      assert.ok(wanted);
      for (const [place, { name }] of wanted.entries()) {
        await visible(rows.nth(place).getByRole("link", { name, exact: true }));
      }

      await rows.first().getByTestId("why").click();
      const why = page.getByTestId("explanation");
      await visible(why);
      await why.getByTestId("why-churn_risk").locator("summary").click();
      const gap = language === "zh" ? "平均购买间隔" : "Mean gap";
      await visible(why.getByTestId("why-churn_risk").getByText(gap));
      await screenshot(page, `churn-why-${language}`);
      await page.keyboard.press("Escape");

      await page.getByTestId("make-segment").click();
      await page.getByTestId("segment-save").click();
      await page.waitForURL(/\/segments\/[0-9a-f-]{36}/);
      await settled(page);
      for (const { name } of wanted) await visible(page.getByRole("link", { name, exact: true }));
      const export_ = page.getByRole("button", { name: language === "zh" ? "导出" : "Export", exact: true });
      await export_.click();
      const file = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: /CSV/ }).first().click();
      const text = await readFile(await (await file).path(), "utf8");
      for (const { name } of wanted) assert.ok(text.includes(name), `${name} is in the file`);
      assert.equal(text.trim().split("\n").length, 11);
    },
    LARGER,
  );
}

journey(
  "the pages of a run look right in both languages and themes",
  async (site) => {
    const admin = await site.employee("admin@demo.example");
    const { settings } = await made(admin.api.GET("/api/v1/segmentation-settings"));
    const body = { as_of: null, settings: { ...settings, holdout_days: 180 } };
    // The company's own run may be under way.
    while ((await admin.api.POST("/api/v1/segmentation-runs", { body })).response.status === 409);
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
  LARGER,
);

journey("losses add up by their type, as a chart, a table and a file", async (site) => {
  const admin = await site.registerAdmin();
  const today = new Date().toISOString().slice(0, 10);
  for (const [name, churn_type] of /** @type {const} */ ([["Ann", "price"], ["Ben", "price"], ["Cat", "competitor"]])) {
    const customer = await made(admin.api.POST("/api/v1/customers", { body: { name, kind: "company" } }));
    const params = { path: { id: customer.id } };
    await made(admin.api.POST("/api/v1/customers/{id}/losses", { params, body: { churn_type, lost_on: today } }));
  }
  const page = await site.visit({ as: admin });
  await open(page, "/churn");
  const reasons = page.getByTestId("reasons");
  await visible(reasons.getByText("Customers lost: 3", { exact: false }));
  await visible(reasons.locator("canvas"));
  await page.getByTestId("table-losses-by-type").click();
  await visible(reasons.getByRole("row", { name: /Bought away by price 2 66\.7%/ }));
  const file = page.waitForEvent("download");
  await reasons.getByRole("button", { name: "CSV" }).click();
  const text = await readFile(await (await file).path(), "utf8");
  assert.match(text, /Drawn away by a competitor,1,/);
});

journey(
  "a dialog opens in the middle of the window, wherever it stands in the page",
  async (site) => {
    const admin = await site.employee("admin@demo.example");
    const { items } = await made(admin.api.GET("/api/v1/customers", { params: { query: { limit: 1, sort: "-sales" } } }));
    const page = await site.visit({ as: admin });
    await open(page, `/customers/${items[0]?.id}`);
    for (const button of ["why", "add-loss"]) {
      await page.getByTestId(button).first().click();
      const dialog = page.getByRole("dialog");
      await visible(dialog.getByRole("heading"));
      const centred = () => {
        const box = document.querySelector("dialog[open]")?.getBoundingClientRect();
        return box !== undefined && box.height > 200 && Math.abs(box.top - (innerHeight - box.bottom)) < 2;
      };
      await page.waitForFunction(centred);
      await page.keyboard.press("Escape");
      await gone(dialog);
    }
  },
  COMPANY,
);
