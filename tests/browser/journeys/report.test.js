// Reports: put together, drawn, traced to the orders behind a figure, kept.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, gone, journey, LOOKS, made, minor, open, settled, visible } from "../harness/journey.js";

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
  await eventually(async () => assert.deepEqual(await row(page, "East China"), ["¥5,500.00", "2"]));
  await eventually(async () => assert.deepEqual(await row(page, "(none)"), ["¥50.00", "1"]));

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
  await eventually(async () => assert.equal(await page.locator("main tbody tr").count(), 1));
  await eventually(async () => assert.match((await page.locator("main tbody tr").first().textContent()) ?? "", /Customer 3/));

  await open(page, "/reports");
  await page.getByRole("link", { name: "Where we sell" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete the report" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete the report" }).click();
  await visible(page.getByText("No saved reports yet"));
});

journey("trading goes from types to customers, products and orders", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/trading?by=region");
  const table = page.getByTestId("trading");
  await visible(table.getByText("East China"));
  await eventually(async () => assert.match((await table.getByRole("row").nth(1).textContent()) ?? "", /East China.*85\.3%.*—.*100\.0%.*—.*—.*—/));
  await visible(page.getByText("Stock belongs to products, not to customers", { exact: false }));
  await page.getByRole("button", { name: "East China" }).click();
  await page.waitForURL(/region=cn_east/);
  await visible(table.getByRole("button", { name: "Customer 1", exact: true }));
  await gone(table.getByText("Customer 3"));
  await table.getByRole("button", { name: "Customer 1", exact: true }).click();
  await page.waitForURL(/by=product/);
  await visible(table.getByText("(none)"));
  await page.getByTestId("trading-path").getByRole("button", { name: "East China" }).click();
  await page.waitForURL((url) => !url.searchParams.has("customer"));
  await visible(table.getByText("Customer 2"));
  await table.getByRole("link", { name: "List the orders" }).nth(1).click();
  await page.waitForURL(/\/orders\?/);
  await settled(page);
  await eventually(async () => assert.match((await page.locator("main tbody tr").first().textContent()) ?? "", /Customer 2/));
});

journey("everybody's start page shows what their role may read, with few calls", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  for (const [role, language, has, hasNot] of /** @type {const} */ ([
    ["administrator", "en", "Users waiting", "Likely to leave"],
    ["sales", "zh", "流失风险高的客户", "等待启用的用户"],
    ["analyst", "en", "Value classes", "Users waiting"],
    ["finance", "zh", "近 12 个月各类别退货", "流失风险高的客户"],
    ["service_agent", "en", "Waiting longest", "Value classes"],
    ["department_clerk", "zh", "待确认订单", "价值分类"],
  ])) {
    const person = role === "administrator" ? admin : await site.hire(admin, { name: `The ${role}`, role, department: "North" });
    const page = await site.visit({ as: person, language });
    /** @type {string[]} */
    const calls = [];
    // What the app asks when it starts is not the page's.
    const starts = /\/(auth|me|meta|dictionaries|custom-fields|people|notifications|events|approvals)\b/;
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/v1/") && !starts.test(pathname)) calls.push(pathname);
    });
    await open(page, "/");
    await visible(page.getByText(has).first());
    await settled(page);
    assert.equal(await page.getByText(hasNot).count(), 0, `${role} sees ${hasNot}`);
    assert.ok(calls.length <= 6, `${role}: ${calls.join(" ")}`);
    await assertAccessible(page, `the start page of ${role}`);
    await screenshot(page, `home-${role}`);
  }
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
