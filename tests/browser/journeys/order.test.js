// From a product to a completed order and what it does to the customer's figures; and an order that is cancelled.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, field, figure, gone, journey, made, minor, open, pick, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

/**
 * The states that the page offers to move to, sorted.
 * @param {Page} page
 */
async function steps(page) {
  const ids = await page.locator("main [data-testid^='to-']").evaluateAll((all) => all.map((b) => b.dataset["testid"]));
  return ids.map((id) => id?.slice("to-".length)).sort();
}

journey("an order is written, moved on to completion, and counts for its customer", async (site) => {
  const admin = await site.registerAdmin();
  const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const page = await site.visit({ as: admin });

  await open(page, "/products");
  await page.getByTestId("new-product").first().click();
  await field(page, "Name").fill("Oolong tea");
  await field(page, "SKU").fill("TEA-1");
  await field(page, "List price").fill("12.5");
  await field(page, "Cost").fill("8");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await visible(page.getByRole("heading", { name: "Oolong tea" }));

  await open(page, "/orders/new");
  await pick(field(page, "Customer"), "Nordwind");
  const line = (/** @type {number} */ index) => page.locator(`[data-line="${index}"]`);
  await pick(field(line(0), "Product"), "Oolong tea");
  await eventually(async () => assert.equal(await field(line(0), "Unit price").inputValue(), "12.5", "the list price to begin with"));
  await field(line(0), "Quantity").fill("3");
  await field(line(0), "Discount").fill("0.5");
  await page.getByTestId("add-line").click();
  // The new line takes the cursor; whoever writes before that writes elsewhere.
  await page.waitForFunction(() => document.activeElement?.closest("[data-line='1']") !== null);
  await field(line(1), "Description").fill("Delivery, by weight");
  // 2.5 × 0.333 is 0.8325: the server rounds half-even, and so must the page.
  await field(line(1), "Quantity").fill("2.5");
  await field(line(1), "Unit price").fill("0.333");
  await field(line(1), "Unit price").blur();
  const live = minor(await page.getByTestId("order-total").textContent());
  assert.equal(live, 3700 + 83);
  await screenshot(page, "order-form");

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  await visible(page.getByTestId("order-lines"));
  const id = /** @type {string} */ (page.url().split("/").at(-1));
  const stored = () => made(admin.api.GET("/api/v1/orders/{id}", { params: { path: { id } } }));
  assert.equal((await stored()).total, live, "the server's total is the one that was shown");
  await eventually(async () => assert.equal(minor(await page.getByTestId("order-total").textContent()), live));

  /** What may come next, and where the journey goes. */
  const way = /** @type {const} */ ([
    [["submitted"], "submitted"],
    [["confirmed", "draft"], "confirmed"],
    [["partly_shipped", "shipped"], "shipped"],
    [["delivered"], "delivered"],
    [["completed"], "completed"],
  ]);
  for (const [offered, next] of way) {
    await eventually(async () => assert.deepEqual(await steps(page), offered));
    await page.getByTestId(`to-${next}`).click();
    await gone(page.getByTestId(`to-${next}`));
    assert.equal((await stored()).state, next);
  }
  await eventually(async () => assert.deepEqual(await steps(page), [], "nothing comes after completion"));
  await eventually(async () => assert.equal(await page.getByTestId("order-history").getByRole("listitem").count(), (await stored()).transitions.length));
  await screenshot(page, "order-record");

  await open(page, `/customers/${customer.id}`);
  await page.waitForFunction(() => !document.querySelector("main dl")?.textContent?.includes("…"));
  await eventually(async () => assert.equal(minor(await figure(page, "Sales").getAttribute("title")), live));
  // 37.83 less 3 × 8.00 of cost.
  await eventually(async () => assert.equal(minor(await figure(page, "Margin").getAttribute("title")), live - 2400));
});

journey("cancelling an order asks why, and takes it out of the figures", async (site) => {
  const admin = await site.registerAdmin();
  const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const order = await confirmedOrder(admin, customer.id, "20");
  const sales = async () =>
    (await made(admin.api.GET("/api/v1/customers/{id}/metrics", { params: { path: { id: customer.id } } }))).sales;
  await eventually(async () => assert.equal(await sales(), 2000));

  const page = await site.visit({ as: admin });
  await open(page, `/orders/${order.id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Cancel the order" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Cancel the order" });
  await eventually(async () => assert.equal(await confirm.isDisabled(), true, "not without a reason"));
  await dialog.getByRole("textbox").fill("Ordered twice by mistake");
  await confirm.click();
  await visible(page.getByText("Cancelled because: Ordered twice by mistake"));

  await eventually(async () => assert.deepEqual(await steps(page), []));
  const stored = await made(admin.api.GET("/api/v1/orders/{id}", { params: { path: { id: order.id } } }));
  assert.deepEqual([stored.state, stored.cancel_reason], ["cancelled", "Ordered twice by mistake"]);
  await eventually(async () => assert.equal(await sales(), 0));
});
