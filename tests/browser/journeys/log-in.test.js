// From an empty deployment to a logged-in administrator, in both languages and themes.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { ADMIN, eventually, field, gone, journey, LOOKS, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

/**
 * @param {Page} page
 * @param {string} password
 */
async function logIn(page, password) {
  await field(page, "E-mail").fill(ADMIN.email);
  await field(page, "Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

journey("the first account of a deployment administers it, and logs in again", async (site) => {
  const page = await site.visit();
  await page.goto("/");
  await page.waitForURL("**/register");
  await visible(page.getByRole("heading", { name: "Create the administrator's account" }));
  await screenshot(page, "register");

  await field(page, "Name").fill(ADMIN.name);
  await field(page, "E-mail").fill(ADMIN.email);
  await field(page, "Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await visible(page.getByRole("heading", { name: /^Good .*, Ada Admin$/ }));
  await visible(page.getByTestId("first-steps"));

  await page.getByRole("button", { name: "My account" }).click();
  await visible(page.getByRole("menu").getByText("Administrator", { exact: true }));
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.waitForURL("**/login*");

  await logIn(page, "not the password");
  await visible(page.getByRole("alert"));
  assert.match(page.url(), /\/login/, "a wrong password lets nobody in");

  await logIn(page, ADMIN.password);
  await visible(page.getByRole("heading", { name: /^Good .*, Ada Admin$/ }));
});

journey("whoever is not logged in comes back to the page they wanted", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit();
  await page.goto("/contacts?q=wang");
  await page.waitForURL("**/login?next=*");
  await logIn(page, admin.password);
  await page.waitForURL("**/contacts?q=wang");
});

journey("language and theme stay chosen when the page is loaded again", async (site) => {
  const page = await site.visit({ as: await site.registerAdmin() });
  const root = page.locator("html");
  await open(page, "/customers");
  await eventually(async () => assert.equal(await root.getAttribute("lang"), "en"));
  await eventually(async () => assert.equal(await root.getAttribute("data-theme"), "guanxi-light"));

  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "简体中文" }).click();
  await visible(page.getByRole("heading", { name: "客户", exact: true }));
  await page.getByRole("button", { name: "外观" }).click();
  await page.getByRole("menuitem", { name: "深色" }).click();

  await page.reload();
  await visible(page.getByRole("heading", { name: "客户", exact: true }));
  await eventually(async () => assert.equal(await root.getAttribute("lang"), "zh-CN"));
  await eventually(async () => assert.equal(await root.getAttribute("data-theme"), "guanxi-dark"));
});

journey("log-in, start and customers look right in both languages and themes", async (site) => {
  const admin = await site.registerAdmin();
  for (const [name, stage] of /** @type {const} */ ([
    ["上海远景贸易有限公司", "active"],
    ["Bremer Werkzeug GmbH", "potential"],
    ["广州白云饮品经销部", "dormant"],
  ])) {
    await made(admin.api.POST("/api/v1/customers", { body: { name, stage, kind: "company" } }));
  }
  for (const { language, theme } of LOOKS) {
    const stranger = await site.visit({ language, theme });
    await stranger.goto("/login");
    await visible(stranger.getByRole("heading", { name: language === "zh" ? "登录" : "Log in" }));
    await screenshot(stranger, `log-in-${language}-${theme}`);

    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/");
    await screenshot(page, `home-${language}-${theme}`);
    await page.getByRole("link", { name: language === "zh" ? "客户" : "Customers", exact: true }).click();
    await visible(page.getByRole("link", { name: "Bremer Werkzeug GmbH" }));
    await settled(page);
    await gone(page.locator(".skeleton-line"));
    await screenshot(page, `customers-${language}-${theme}`);
  }
});
