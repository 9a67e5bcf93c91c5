// What customers are worth: a run, its curve and classes, and what other pages then say.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, figure, journey, LOOKS, made, minor, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** One customer makes most of it, a few a part, the rest little: in major units, best first. */
const AMOUNTS = [6000, 1400, 900, 700, 400, 300, 150, 80, 50, 20];

/** @param {Person} admin */
async function sell(admin) {
  for (const [index, amount] of AMOUNTS.entries()) {
    const name = `Customer ${index + 1}`;
    const customer = await made(admin.api.POST("/api/v1/customers", { body: { name, kind: "company" } }));
    await confirmedOrder(admin, customer.id, String(amount));
  }
}

/**
 * Waits until something is painted on the curve's canvas.
 * @param {Page} page
 */
async function curveIsDrawn(page) {
  await page.waitForFunction(() => {
    const canvas = document.querySelector("[data-testid='pareto'] canvas");
    if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return false;
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let painted = 0;
    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) painted += 1;
    // The area below the curve is most of the picture; axes alone are not.
    return painted > pixels.length / 4 / 5;
  });
}

journey("a run ranks the customers and marks them with their class", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/value");
  await visible(page.getByText("No analysis yet"));
  await page.getByTestId("run").first().click();
  await page.getByTestId("run-start").click();
  await curveIsDrawn(page);

  const [head] = (await made(admin.api.GET("/api/v1/value-runs"))).items;
  assert.ok(head);
  const run = await made(admin.api.GET("/api/v1/value-runs/{id}", { params: { path: { id: head.id } } }));
  const orders = (await made(admin.api.GET("/api/v1/orders"))).items;
  const total = orders.reduce((sum, order) => sum + order.total, 0);
  await eventually(async () => assert.equal(minor(await figure(page, "Net total").getAttribute("title")), total));
  let shown = 0;
  for (const { class: name, amount, customers } of run.classes) {
    const cells = await page.getByTestId(`class-${name}`).getByRole("cell").allTextContents();
    assert.equal(Number(cells[1]), customers, `customers in ${name}`);
    assert.equal(minor(cells[2] ?? null), amount, `amount of ${name}`);
    shown += minor(cells[2] ?? null);
  }
  assert.equal(shown, total, "every sale is in one class");

  await page.getByTestId("ranking-a").click();
  await page.waitForURL(/[?&]class=a/);
  await settled(page);
  const best = run.classes.find(({ class: name }) => name === "a")?.customers;
  assert.ok(best !== undefined && best > 0 && best < AMOUNTS.length);
  // 6000 of 10000 are less than three quarters, and so are 7400.
  await visible(page.getByRole("link", { name: "Customer 1", exact: true }));
  await page.waitForFunction((n) => document.querySelectorAll("section:has([data-testid='ranking-a']) tbody tr").length === n, best);
  assert.equal(await page.getByRole("link", { name: "Customer 10" }).count(), 0);

  await open(page, "/customers?value_class=a&sort=-sales");
  await eventually(async () => assert.equal(await page.locator("main tbody tr").count(), best));
  await eventually(async () => assert.match((await page.locator("main tbody tr").first().textContent()) ?? "", /Customer 1/));
});

journey("the value page looks right in both languages and themes", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  for (const measure of /** @type {const} */ (["sales", "margin"])) {
    const settings = { measure, from: null, to: null, a_share: 7500, b_share: 9500 };
    await made(admin.api.POST("/api/v1/value-runs", { body: { settings } }));
  }
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/value");
    await visible(page.getByRole("heading", { name: language === "zh" ? "客户价值" : "Customer value" }));
    await curveIsDrawn(page);
    await settled(page);
    await assertAccessible(page, `value, ${language}, ${theme}`);
    await screenshot(page, `value-${language}-${theme}`);
  }
});
