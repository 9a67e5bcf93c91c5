// What was on hand of a product, and what the trading analysis makes of it.

import assert from "node:assert/strict";

import { field, gone, journey, made, open, visible } from "../harness/journey.js";

journey("stock is recorded on the product's page and shows in the trading analysis", async (site) => {
  const admin = await site.registerAdmin();
  const product = await made(
    admin.api.POST("/api/v1/products", { body: { sku: "LAMP", name: "Lamp", unit: "piece", list_price: "100", cost: "60" } }),
  );
  const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "Customer 1" } }));
  const order = await made(
    admin.api.POST("/api/v1/orders", { body: { customer_id: customer.id, lines: [{ product_id: product.id, quantity: "10" }] } }),
  );
  let version = order.version;
  for (const to of /** @type {const} */ (["submitted", "confirmed"])) {
    const path = { path: { id: order.id }, header: { "If-Match": `"${version}"` } };
    ({ version } = await made(admin.api.POST("/api/v1/orders/{id}/transitions", { params: path, body: { to } })));
  }
  const page = await site.visit({ as: admin });
  await open(page, `/products/${product.id}`);
  const card = page.getByTestId("stock");
  await visible(card.getByText("No stock levels yet", { exact: false }));
  const dialog = page.getByRole("dialog");
  await card.getByTestId("add-level").click();
  await field(page, "Quantity").fill("-5");
  await dialog.getByTestId("level-save").click();
  await visible(dialog.getByText("cannot be negative"));
  await field(page, "Quantity").fill("20");
  await dialog.getByTestId("level-save").click();
  await gone(dialog);
  await visible(card.getByTestId("on-hand").getByText("20 piece"));
  // At the product's cost: 20 × 60.
  await visible(card.getByText("1,200.00").first());

  // Once more today: it is replaced, and says so before.
  await card.getByTestId("add-level").click();
  await visible(dialog.getByText("it will be replaced", { exact: false }));
  await field(page, "Quantity").fill("15");
  await dialog.getByTestId("level-save").click();
  await gone(dialog);
  await visible(card.getByTestId("on-hand").getByText("15 piece"));
  await card.getByTestId("edit-level").click();
  await field(page, "Unit cost").fill("40");
  await dialog.getByTestId("level-save").click();
  await gone(dialog);
  await visible(card.getByText("600.00").first());

  // Sold 10 at 60 against 15 at 40: turned over once; margin rate 40%.
  await open(page, "/trading?by=product&measure=turnover");
  const row = page.getByTestId("trading").getByRole("row").nth(1);
  await visible(row.getByText("Lamp"));
  assert.match((await row.textContent()) ?? "", /600\.00.*1\.00.*0\.40.*400\.00/);

  await open(page, `/products/${product.id}`);
  await card.getByTestId("delete-level").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await visible(card.getByText("No stock levels yet", { exact: false }));

  // Sales read stock and write none.
  await made(
    admin.api.PUT("/api/v1/products/{id}/stock-levels/{day}", {
      params: { path: { id: product.id, day: "2026-01-01" }, header: { "If-Match": '"0"' } },
      body: { quantity: "7" },
    }),
  );
  const seller = await site.hire(admin, { name: "Ann", role: "sales", department: "North" });
  const theirs = await site.visit({ as: seller, language: "zh" });
  await open(theirs, `/products/${product.id}`);
  const seen = theirs.getByTestId("stock");
  await visible(seen.getByTestId("on-hand").getByText("7 piece"));
  assert.equal(await seen.getByTestId("add-level").count(), 0);
  assert.equal(await seen.getByTestId("delete-level").count(), 0);
});
