// Saved views from their making to their end, and the list as a file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { screenshot } from "../harness/browser.js";
import { eventually, gone, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** @param {Page} page @param {number} count */
const rows = (page, count) =>
  page.waitForFunction((count) => document.querySelectorAll("main tr[data-row]").length === count, count);

/** @param {Page} page @param {string} item */
async function more(page, item) {
  await page.getByTestId("views").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

journey("a view is shared, renamed, opened by default and deleted", async (site) => {
  const admin = await site.registerAdmin();
  const colleague = await site.hire(admin, { name: "Cleo Clerk", role: "administrator", department: "North" });
  for (const [name, stage] of /** @type {const} */ ([
    ["Alpha", "active"],
    ["Beta", "dormant"],
    ["Gamma", "dormant"],
  ])) {
    await made(admin.api.POST("/api/v1/customers", { body: { name, stage, kind: "company" } }));
  }
  const page = await site.visit({ as: admin });
  await open(page, "/customers?stage=dormant&sort=name");
  await rows(page, 2);
  await page.getByRole("button", { name: "Save as a view" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the view").fill("Sleepers");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  const tab = (/** @type {string} */ name) => page.getByTestId("view-tab").filter({ hasText: name });
  await visible(tab("Sleepers"));

  await more(page, "Rename and share");
  const name = dialog.getByLabel("Name of the view");
  await eventually(async () => assert.equal(await name.inputValue(), "Sleepers"));
  await name.fill("Wake them");
  await dialog.getByLabel("Share with colleagues").check();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await visible(tab("Wake them"));
  await gone(tab("Sleepers"));
  await gone(dialog);

  // Again, to see that the dialog knows what was saved.
  await more(page, "Rename and share");
  await eventually(async () => assert.equal(await name.inputValue(), "Wake them"));
  assert.ok(await dialog.getByLabel("Share with colleagues").isChecked());
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await more(page, "Open by default");
  await page.getByTestId("views").getByRole("button", { name: "More" }).click();
  await visible(page.getByRole("menuitem", { name: "No longer by default" }));
  await page.keyboard.press("Escape");
  await open(page, "/customers");
  await rows(page, 2);
  await eventually(async () => assert.equal(await tab("Wake them").getAttribute("aria-pressed"), "true"));
  // All is all, also after a reload.
  await tab("All").click();
  await rows(page, 3);
  await page.reload();
  await settled(page);
  await rows(page, 3);

  const theirs = await site.visit({ as: colleague });
  await open(theirs, "/customers");
  await rows(theirs, 3);
  await theirs.getByRole("button", { name: "Views" }).click();
  await visible(theirs.getByText("shared by Ada Admin"));
  await screenshot(theirs, "views-shared");
  await theirs.getByRole("menuitem", { name: "Wake them" }).click();
  await rows(theirs, 2);

  await tab("Wake them").click();
  await rows(page, 2);
  await more(page, "Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await gone(tab("Wake them"));
  await rows(page, 3);
  assert.deepEqual(await made(admin.api.GET("/api/v1/views", { params: { query: { record: "customers" } } })), []);
});

journey("a list is saved as a file, as it is shown", async (site) => {
  const admin = await site.registerAdmin();
  for (const name of ["上海晨光", "Alpha"]) {
    await made(admin.api.POST("/api/v1/customers", { body: { name, stage: "active", kind: "company" } }));
  }
  const page = await site.visit({ as: admin });
  await open(page, "/customers?sort=name");
  for (const [item, end, start] of /** @type {const} */ ([
    ["CSV", ".csv", "\ufeff"],
    ["Excel", ".xlsx", "PK"],
  ])) {
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: item }).click();
    const file = await download;
    assert.ok(file.suggestedFilename().endsWith(end), file.suggestedFilename());
    const content = await readFile(await file.path(), "utf8");
    assert.ok(content.startsWith(start), `${item} begins with ${JSON.stringify(content.slice(0, 4))}`);
    if (item === "CSV") assert.match(content, /Alpha[\s\S]*上海晨光/);
  }
});
