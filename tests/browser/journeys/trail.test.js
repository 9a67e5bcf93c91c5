// Who did what: the history of a record, and an API key that leaves its name there.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { eventually, field, journey, made, open, visible } from "../harness/journey.js";

journey("a salesperson reads the history of a customer", async (site) => {
  const admin = await site.registerAdmin();
  const sales = await site.hire(admin, { name: "Sam Sales", role: "sales", department: "North" });
  const customer = await made(
    sales.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company", stage: "potential" } }),
  );
  const path = { params: { path: { id: customer.id }, header: { "If-Match": `"${customer.version}"` } } };
  await made(sales.api.PATCH("/api/v1/customers/{id}", { ...path, body: { stage: "active", phone: "+49 421 555 010" } }));

  const page = await site.visit({ as: sales });
  await open(page, `/customers/${customer.id}`);
  await page.getByTestId("history").click();
  const dialog = page.getByRole("dialog", { name: "History" });
  const entries = dialog.getByTestId("history-entries").locator("> li");
  await visible(entries.nth(1));
  await eventually(async () => assert.equal(await entries.count(), 2));
  const change = entries.first();
  await visible(change.getByText("Sam Sales"));
  const stage = change.getByRole("row", { name: /^Stage/ });
  await eventually(async () => assert.deepEqual(await stage.getByRole("cell").allTextContents(), ["Stage", "Potential", "Active"]));
  await screenshot(page, "history");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

journey("a key is made, used, told by the history, and revoked", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  await open(page, "/api-keys");
  await page.getByTestId("new-key").first().click();
  await page.waitForURL("**/api-keys/new");
  await field(page, "Name").fill("Web shop");
  await page.getByTestId("customers-read").check();
  await page.getByTestId("customers-create").check();
  await screenshot(page, "api-key-form");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const secret = await page.getByTestId("secret").locator("code").textContent();
  assert.match(secret ?? "", /^gx_[0-9a-f]{64}$/);
  await screenshot(page, "api-key-secret");

  const shop = site.apiAs(secret ?? "");
  const customer = await made(shop.POST("/api/v1/customers", { body: { name: "From the shop", kind: "company" } }));
  const refused = await shop.GET("/api/v1/orders");
  assert.equal(refused.response.status, 403);

  await page.getByRole("link", { name: "To the key" }).click();
  await visible(page.getByRole("heading", { name: "Web shop" }));
  await open(page, `/customers/${customer.id}`);
  await page.getByTestId("history").click();
  await visible(page.getByText("Ada Admin (API key Web shop)"));
  await page.keyboard.press("Escape");

  await open(page, "/account?tab=keys");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await visible(page.getByText("Revoked", { exact: true }));
  const ended = await shop.GET("/api/v1/customers");
  assert.equal(ended.response.status, 401);
});

journey("what administrators keep tells its history, too", async (site) => {
  const admin = await site.registerAdmin();
  const field_ = await made(
    admin.api.POST("/api/v1/custom-fields", {
      body: { record: "customers", key: "mood", kind: "text", label_zh: "心情", label_en: "Mood" },
    }),
  );
  const page = await site.visit({ as: admin });
  await open(page, `/custom-fields/${field_.id}`);
  await page.getByTestId("history").click();
  await visible(page.getByTestId("history-entries").getByText("Ada Admin"));
  await page.keyboard.press("Escape");

  await made(
    admin.api.POST("/api/v1/dictionaries", {
      body: { dictionary: "region", code: "moon", label_zh: "月球", label_en: "Moon", active: true },
    }),
  );
  await open(page, "/dictionaries?dictionary=region");
  await page.getByRole("button", { name: "More actions: Moon" }).click();
  await page.getByRole("menuitem", { name: "History" }).click();
  await visible(page.getByTestId("history-entries").getByText("Ada Admin"));
});
