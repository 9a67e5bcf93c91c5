// Reports: put together, drawn, traced to the orders behind a figure, kept.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, confirmedOrder, journey, made, minor, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** Regions, and what is sold there, in major units. */
const SALES = /** @type {const} */ ([
  ["cn_east", 4000],
  ["cn_east", 1500],
  ["cn_north", 900],
  [undefined, 50],
]);

/** @param {Person} admin */
async function sell(admin) {
  for (const [index, [region, amount]] of SALES.entries()) {
    const body = { name: `Customer ${index + 1}`, kind: /** @type {const} */ ("company"), region: region ?? null };
    const customer = await made(admin.api.POST("/api/v1/customers", { body }));
    await confirmedOrder(admin, customer.id, String(amount));
  }
}

/**
 * The cells of the row that begins with this name.
 * @param {Page} page
 * @param {string} name
 */
async function row(page, name) {
  const found = page.getByTestId("pivot").getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
  return found.getByRole("cell").allTextContents();
}

journey("a report is put together, drawn, traced to its orders and kept", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/reports");
  await visible(page.getByText("No saved reports yet"));
  await page.getByTestId("ready-by_region").click();
  await visible(page.getByTestId("chart").locator("canvas"));
  const east = await row(page, "East China");
  assert.equal(minor(east.at(-1) ?? null), 550_000);
  const total = await row(page, "Total");
  assert.equal(minor(total.at(-1) ?? null), 645_000);

  // Another question: no columns, two measures, the first row and the others.
  await page.getByTestId("column").selectOption("");
  await page.getByTestId("measure-customers").click();
  await page.getByTestId("top").selectOption("5");
  await page.waitForURL(/[?&]top=5/);
  await settled(page);
  assert.deepEqual((await row(page, "East China")).map((text) => minor(text)), [550_000, 2]);
  assert.deepEqual((await row(page, "(none)")).map((text) => minor(text)), [5_000, 1]);

  // "Back" undoes the last step.
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has("top"));

  await page.getByTestId("save").click();
  await page.getByTestId("report-name").fill("Where we sell");
  await page.getByTestId("save-report").click();
  await visible(page.getByRole("heading", { name: "Where we sell" }));
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Put on the start page" }).click();
  await page.getByTestId("measure-orders").click();
  await visible(page.getByText("Not saved yet"));
  await page.getByTestId("save").click();
  await visible(page.getByText("The report is saved").last());
  const [report] = await made(admin.api.GET("/api/v1/reports"));
  assert.deepEqual([report?.name, report?.pinned, report?.query.measures], ["Where we sell", true, ["sales", "customers", "orders"]]);

  // The orders behind a figure.
  await page.getByRole("row", { name: /North China/ }).getByRole("link").first().click();
  await page.waitForURL(/\/orders\?/);
  await settled(page);
  assert.equal(await page.locator("main tbody tr").count(), 1);
  assert.match((await page.locator("main tbody tr").first().textContent()) ?? "", /Customer 3/);

  await open(page, "/reports");
  await page.getByRole("link", { name: "Where we sell" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete the report" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete the report" }).click();
  await visible(page.getByText("No saved reports yet"));
});

journey("reports look right in both languages and themes", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/reports");
    await visible(page.getByRole("heading", { name: language === "zh" ? "现成报表" : "Ready-made reports" }));
    await assertAccessible(page, `reports in ${language}, ${theme}`);
    await page.getByTestId("ready-by_month").click();
    await visible(page.getByTestId("chart").locator("canvas"));
    await settled(page);
    await assertAccessible(page, `a report in ${language}, ${theme}`);
    await screenshot(page, `report-${language}-${theme}`);
  }
});
