// The app on a small phone: nothing is wider than the screen.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { company } from "../harness/company.js";
import { journey, open, visible } from "../harness/journey.js";

/**
 * Fails when the page can be moved sideways.
 * @param {import("../harness/journey.js").Page} page
 * @param {string} where
 */
async function assertFits(page, where) {
  const { content, screen, widest } = await page.evaluate(() => {
    const screen = document.documentElement.clientWidth;
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > screen + 1 && element.closest(".overflow-x-auto") === null,
    );
    return {
      content: document.documentElement.scrollWidth,
      screen,
      widest: wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)),
    };
  });
  assert.ok(content <= screen, `${where} is ${content} wide on a screen of ${screen}: ${widest.join("\n")}`);
}

journey("no page scrolls sideways on a phone", async (site) => {
  const admin = await site.registerAdmin();
  const pages = await company(admin);
  const stranger = await site.visit({ width: 360 });
  await stranger.goto("/login");
  await visible(stranger.getByRole("heading", { name: "Log in" }));
  await assertFits(stranger, "log-in");
  await screenshot(stranger, "phone-log-in");

  const page = await site.visit({ as: admin, width: 360 });
  for (const [name, address] of Object.entries(pages)) {
    await open(page, address);
    await assertFits(page, name);
    await screenshot(page, `phone-${name}`);
  }

  // The navigation is behind a button, and goes away when a page was chosen.
  await page.getByRole("button", { name: "Open menu" }).click();
  await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Contacts" }).click();
  await page.waitForURL("**/contacts");
  await page.getByRole("navigation", { name: "Main navigation" }).waitFor({ state: "hidden" });
});
