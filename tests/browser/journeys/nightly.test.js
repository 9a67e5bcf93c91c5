// Runs that are made every night, and the settings that coming runs are made with.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, field, gone, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** @param {Person} person */
const kept = (person) => made(person.api.GET("/api/v1/segmentation-settings"));

/**
 * Somebody else is quicker.
 * @param {Person} person
 * @param {import("../harness/journey.js").Schemas["SegmentationDefaultsInput"] | object} body
 */
async function change(person, body) {
  const { version } = await kept(person);
  const params = { header: { "If-Match": `"${version}"` } };
  const answer = person.api.PATCH("/api/v1/segmentation-settings", { params, body: /** @type {never} */ (body) });
  return made(answer);
}

/**
 * The dialog that asks for a run, with the kept settings in it.
 * @param {Page} page
 */
async function ask(page) {
  await page.getByTestId("run").first().click();
  const dialog = page.getByRole("dialog", { name: "Settings of the segmentation" });
  await visible(dialog.getByRole("button", { name: "Kept for coming runs" }));
  return dialog;
}

/** @param {Page} page */
const toggle = (page) => page.getByRole("switch", { name: "Run every day" });

journey("a manager has runs made every night, with settings kept from the dialog", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  await open(page, "/rfm");
  const state = page.getByTestId("nightly");
  await visible(state.getByText("off · when on, at 09:00 (Asia/Shanghai)"));
  assert.equal(await toggle(page).isChecked(), false);
  await toggle(page).focus();
  await page.keyboard.press("Space");
  await visible(state.getByText(/^next \d+ \w+ \d{4}, 09:00 \(Asia\/Shanghai\)$/));
  assert.equal(await toggle(page).isChecked(), true);
  assert.equal((await kept(admin)).nightly, true);

  const dialog = await ask(page);
  const keep = dialog.getByTestId("keep-settings");
  await field(dialog, "Months ahead").fill("0");
  await keep.click();
  assert.equal(await field(dialog, "Months ahead").getAttribute("aria-invalid"), "true", "refused at the field");
  await field(dialog, "Months ahead").fill("24");
  await keep.click();
  await visible(dialog.getByRole("button", { name: "Kept for coming runs" }));
  const { nightly, settings } = await kept(admin);
  assert.deepEqual([nightly, settings?.lifetime?.horizon_months], [true, 24]);

  await page.reload();
  await settled(page);
  await visible(state.getByText(/^next/));
  assert.equal(await field(await ask(page), "Months ahead").inputValue(), "24");
  await page.keyboard.press("Escape");
  await toggle(page).click();
  await visible(state.getByText(/^off/));
  assert.equal((await kept(admin)).nightly, false);
});

journey("who keeps settings that somebody else has changed meanwhile is asked", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin, expected: /412/ });
  await open(page, "/lifetime");
  const dialog = await ask(page);
  await field(dialog, "Months ahead").fill("24");
  await change(admin, { nightly: true, settings: { lifetime: { horizon_months: 36, margin_rate: 3_500 } } });
  await dialog.getByTestId("keep-settings").click();
  const question = page.getByRole("dialog", { name: "Somebody changed this record meanwhile" });
  await visible(question);
  const row = (/** @type {string} */ name) =>
    question.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
  assert.deepEqual(await row("Months ahead").getByRole("cell").allTextContents(), ["12", "36", "24"]);
  assert.equal((await row("Margin rate").getByRole("cell").allTextContents())[1], "35.0%");
  await visible(row("Run every day"));
  await screenshot(page, "nightly-conflict");
  await question.getByRole("button", { name: "Save the choice" }).click();
  await gone(question);
  await visible(dialog.getByRole("button", { name: "Kept for coming runs" }));
  const now = await kept(admin);
  const { horizon_months, margin_rate } = now.settings?.lifetime ?? {};
  assert.deepEqual([now.nightly, horizon_months, margin_rate], [true, 24, 3_500], "one's own, and what only they changed");
});

journey("whoever may not change segments sees whether runs are made every night, and no switch", async (site) => {
  const admin = await site.registerAdmin();
  const sales = await site.hire(admin, { name: "Sam Sales", role: "sales", department: "Sales" });
  await change(admin, { nightly: true });
  const page = await site.visit({ as: sales });
  await open(page, "/churn");
  await visible(page.getByTestId("nightly").getByText(/^next .* \(Asia\/Shanghai\)$/));
  assert.equal(await page.getByRole("switch").count(), 0);
});

journey("the switch and the dialog look right in both languages and themes, and on a phone", async (site) => {
  const admin = await site.registerAdmin();
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/rfm");
    await visible(page.getByTestId("nightly"));
    await assertAccessible(page, `nightly, ${language}, ${theme}`);
    await screenshot(page, `nightly-${language}-${theme}`);
    await page.getByTestId("run").first().click();
    await visible(page.getByTestId("keep-settings"));
    await assertAccessible(page, `run dialog, ${language}, ${theme}`);
    await screenshot(page, `nightly-dialog-${language}-${theme}`);
  }
  for (const language of /** @type {const} */ (["en", "zh"])) {
    const phone = await site.visit({ as: admin, language, width: 360 });
    await open(phone, "/rfm");
    await visible(phone.getByTestId("nightly"));
    const over = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} pixels too wide for a phone`);
    await screenshot(phone, `nightly-phone-${language}`);
    await phone.getByTestId("run").first().click();
    await phone.getByTestId("keep-settings").scrollIntoViewIfNeeded();
    await screenshot(phone, `nightly-dialog-phone-${language}`);
  }
});
