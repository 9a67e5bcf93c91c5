// A customer from its creation to the archive, and lists whose state stands in the address.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { eventually, field, gone, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

/**
 * The names in the list, from top to bottom.
 * @param {Page} page
 * @param {string[]} expected
 */
async function namesAre(page, expected) {
  const names = page.locator("main tbody tr td:first-child a");
  await page
    .waitForFunction(
      (expected) => {
        const links = [...document.querySelectorAll("main tbody tr td:first-child a")];
        return JSON.stringify(links.map((link) => link.textContent?.trim())) === expected;
      },
      JSON.stringify(expected),
      { timeout: 10_000 },
    )
    .catch(async () => assert.deepEqual(await names.allTextContents(), expected));
}

journey("a customer is created, edited and archived", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  await open(page, "/customers");
  await page.getByRole("link", { name: "New customer" }).first().click();
  await page.waitForURL("**/customers/new");

  await field(page, "Name").fill("Nordwind Handels GmbH");
  const email = field(page, "E-mail");
  await email.fill("office at nordwind");
  // Before anything is sent.
  await field(page, "Telephone").fill("+49 421 555 010");
  const frame = page.locator("div.min-w-0", { has: email }).last();
  await visible(frame.getByRole("alert"));
  await eventually(async () => assert.equal(await email.getAttribute("aria-invalid"), "true"));
  await screenshot(page, "customer-form-invalid");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.match(page.url(), /\/customers\/new$/, "nothing wrong is sent");

  await email.fill("office@nordwind.example");
  await gone(frame.getByRole("alert"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/customers\/[0-9a-f-]{36}$/);
  await visible(page.getByRole("heading", { name: "Nordwind Handels GmbH" }));
  const id = /** @type {string} */ (page.url().split("/").at(-1));
  const path = { params: { path: { id } } };
  const created = await made(admin.api.GET("/api/v1/customers/{id}", path));
  assert.equal(created.email, "office@nordwind.example");
  assert.equal(created.owner_id, admin.id, "whoever creates a customer owns it");

  await page.getByRole("link", { name: "Edit" }).click();
  await field(page, "Short name").fill("Nordwind");
  await field(page, "Stage").selectOption({ label: "Active" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`**/customers/${id}`);
  await visible(page.getByText("Nordwind", { exact: true }));
  await screenshot(page, "customer-record");
  const edited = await made(admin.api.GET("/api/v1/customers/{id}", path));
  assert.deepEqual([edited.short_name, edited.stage, edited.email], ["Nordwind", "active", created.email]);

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await visible(page.getByText("This customer is archived"));
  const archived = await made(admin.api.GET("/api/v1/customers/{id}", path));
  assert.ok(archived.archived_at, "archived on the server too");
});

journey("search, filter and sort of the list stand in the address", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  for (const [name, stage] of /** @type {const} */ ([
    ["Alpha Foods", "active"],
    ["Beta Foods", "potential"],
    ["Gamma Steel", "active"],
    ["上海远景", "active"],
  ])) {
    await made(admin.api.POST("/api/v1/customers", { body: { name, stage, kind: "company" } }));
  }
  await open(page, "/customers?sort=name");
  await namesAre(page, ["Alpha Foods", "Beta Foods", "Gamma Steel", "上海远景"]);

  await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
  await page.waitForURL("**/customers?sort=-name");
  await namesAre(page, ["上海远景", "Gamma Steel", "Beta Foods", "Alpha Foods"]);

  await page.getByRole("searchbox", { name: "Search" }).fill("foods");
  await page.waitForURL(/[?&]q=foods/);
  await namesAre(page, ["Beta Foods", "Alpha Foods"]);

  await page.locator("button[aria-expanded]", { hasText: /^Stage/ }).click();
  await page.getByRole("checkbox", { name: "Active" }).check();
  await page.waitForURL(/[?&]filter=.*active/);
  await page.keyboard.press("Escape");
  await namesAre(page, ["Alpha Foods"]);
  const all = page.url();

  await page.goBack();
  await namesAre(page, ["Beta Foods", "Alpha Foods"]);
  await page.goForward();
  await namesAre(page, ["Alpha Foods"]);
  assert.equal(page.url(), all);

  await page.reload();
  await settled(page);
  await namesAre(page, ["Alpha Foods"]);
  await eventually(async () => assert.equal(await page.getByRole("searchbox", { name: "Search" }).inputValue(), "foods"));

  await open(page, "/customers?q=远景");
  await namesAre(page, ["上海远景"]);

  await page.getByRole("link", { name: "上海远景" }).click();
  await page.waitForURL(/\/customers\/[0-9a-f-]{36}$/);
  await page.getByRole("tab", { name: "Contacts" }).click();
  await page.waitForURL(/\?tab=contacts$/);
  await page.reload();
  await visible(page.getByRole("heading", { name: "上海远景" }));
  await eventually(async () => assert.equal(await page.getByRole("tab", { name: "Contacts" }).getAttribute("aria-selected"), "true"));
});
