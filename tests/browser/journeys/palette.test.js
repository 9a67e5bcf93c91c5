// The command palette, by keyboard only.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, journey, made, open, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */

/**
 * @param {Page} page
 * @param {"en" | "zh"} [language]
 */
const box = (page, language = "en") =>
  page.getByRole("combobox", { name: language === "zh" ? "搜索或输入命令" : "Search or type a command" });

/**
 * Opens the palette and types; waits until the item that would be opened has this title.
 * @param {Page} page
 * @param {string} text
 * @param {string} title
 */
async function type(page, text, title) {
  await page.keyboard.press("Control+k");
  await visible(box(page));
  await page.keyboard.type(text);
  await visible(page.locator("[role=option][aria-selected=true]", { hasText: title }));
}

/** @param {import("../harness/journey.js").Person} admin */
async function records(admin) {
  const { api } = admin;
  const customer = await made(api.POST("/api/v1/customers", { body: { name: "张三茶行", kind: "company", phone: "021-6552 9988" } }));
  const contact = await made(
    api.POST("/api/v1/contacts", { body: { customer_id: customer.id, name: "张三", mobile: "138 0013 8000", title: "采购经理" } }),
  );
  await made(api.POST("/api/v1/customers", { body: { name: "李四贸易", kind: "company" } }));
  await made(api.POST("/api/v1/products", { body: { sku: "ZS-500G", name: "张三乌龙茶", name_en: "Oolong", list_price: "128.5" } }));
  await made(api.POST("/api/v1/tickets", { body: { customer_id: customer.id, subject: "Two boxes arrived open", kind: "complaint" } }));
  await made(api.POST("/api/v1/segments", { body: { name: "华东老客户", kind: "static" } }));
  const order = await confirmedOrder(admin, customer.id, "4321.50");
  return { customer, contact, order };
}

journey("records, pages and actions are found and opened without a mouse", async (site) => {
  const admin = await site.registerAdmin();
  const { customer, contact, order } = await records(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/");

  // 张三 by the initials.
  await type(page, "zs", "张三");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/contacts/${contact.id}`);
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // A segment by its pinyin.
  await type(page, "huadong", "华东老客户");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/segments/*");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // Enter before the answer means the first of it.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("zhangsan");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await eventually(async () => assert.equal(await box(page).inputValue(), "", "it begins anew"));
  await page.keyboard.type("9988");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/customers/${customer.id}`);

  await type(page, order.number, order.number);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/orders/${order.id}`);

  // What was opened comes first, the newest before.
  await page.keyboard.press("Control+k");
  const recent = page.getByRole("group", { name: "Recently opened" }).getByRole("option");
  await visible(recent);
  await eventually(async () => assert.deepEqual((await recent.allInnerTexts()).map((text) => text.split("\n")[0]), [order.number, "张三茶行", "华东老客户", "张三"]));
  await page.keyboard.press("Escape");

  await type(page, "new cust", "New customer");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/customers/new");
  await type(page, "dark", "Dark theme");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "guanxi-dark");
  await type(page, "审计", "Audit trail");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/audit");
  await type(page, "chinese", "Switch to Chinese");
  await page.keyboard.press("Enter");
  await visible(page.getByRole("heading", { level: 1, name: "审计" }));

  await page.keyboard.press("Control+k");
  await page.keyboard.type("xyzzy");
  await visible(page.getByText("没有找到“xyzzy”"));
});

journey("the palette offers what the role allows", async (site) => {
  const admin = await site.registerAdmin();
  const nora = await site.hire(admin, { name: "Nora North", role: "sales", department: "North" });
  await records(admin);
  const page = await site.visit({ as: nora });
  await open(page, "/");
  await page.keyboard.press("Control+k");
  await visible(page.getByRole("option", { name: "New customer" }));
  for (const name of ["Users", "Roles", "New product"]) assert.equal(await page.getByRole("option", { name, exact: true }).count(), 0, name);
  await page.keyboard.type("zs");
  // The product is everybody's; customer and contact are not hers.
  await visible(page.getByRole("option", { name: "张三乌龙茶" }));
  assert.equal(await page.getByRole("group", { name: /^(Customers|Contacts)$/ }).count(), 0);
});

for (const language of /** @type {const} */ (["zh", "en"])) {
  for (const theme of /** @type {const} */ (["light", "dark"])) {
    journey(`the palette in ${language}, ${theme}`, async (site) => {
      const admin = await site.registerAdmin();
      await records(admin);
      for (const [width, name] of /** @type {const} */ ([[1360, "palette"], [360, "phone-palette"]])) {
        const page = await site.visit({ as: admin, language, theme, width });
        await open(page, "/");
        await page.keyboard.press("Control+k");
        await visible(box(page, language));
        if (width > 1000) await screenshot(page, `${name}-empty-${language}-${theme}`);
        await page.keyboard.type("zs");
        await visible(page.getByRole("option", { name: "张三乌龙茶" }));
        await assertAccessible(page, `palette, ${language}, ${theme}`);
        await screenshot(page, `${name}-${language}-${theme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${wide} too wide`);
      }
    });
  }
}
