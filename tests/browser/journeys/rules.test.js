// Product rules: a run is asked for and read, and customers and products show what follows from it.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, gone, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** What is bought together, and how often. @type {[string[], number][]} */
const BASKETS = [
  [["tea", "cup"], 5],
  [["tea", "cup", "pot"], 2],
  [["tea"], 2],
  [["rug"], 3],
  [["rug", "lamp"], 2],
];

/** @type {Record<string, [string, string]>} */
const NAMES = { tea: ["乌龙茶", "Oolong tea"], cup: ["茶杯", "Cup"], pot: ["茶壶", "Tea pot"], rug: ["地毯", "Rug"], lamp: ["台灯", "Lamp"] };

/**
 * @param {Person} person
 * @param {string} customer
 * @param {string[]} products
 */
async function buy(person, customer, products) {
  const lines = products.map((id) => ({ product_id: id, quantity: "1", discount: 0 }));
  let order = await made(person.api.POST("/api/v1/orders", { body: { customer_id: customer, lines } }));
  for (const to of /** @type {const} */ (["submitted", "confirmed"])) {
    const params = { path: { id: order.id }, header: { "If-Match": `"${order.version}"` } };
    order = await made(person.api.POST("/api/v1/orders/{id}/transitions", { params, body: { to } }));
  }
}

/**
 * A shop with orders; answers the ids of its products, and a customer who has bought tea only.
 * @param {Person} admin
 */
async function shop(admin) {
  /** @type {Record<string, string>} */
  const ids = {};
  for (const [key, [name, english]] of Object.entries(NAMES)) {
    const body = { sku: key.toUpperCase(), name, name_en: english, list_price: "10" };
    ids[key] = (await made(admin.api.POST("/api/v1/products", { body }))).id;
  }
  const customer = async (/** @type {string} */ name) =>
    (await made(admin.api.POST("/api/v1/customers", { body: { name, kind: "company" } }))).id;
  const [ann, ben] = [await customer("Ann"), await customer("Ben")];
  for (const [products, times] of BASKETS) {
    for (let n = 0; n < times; n += 1) await buy(admin, ann, products.map((key) => ids[key] ?? ""));
  }
  await buy(admin, ben, [ids.tea ?? ""]);
  return { tea: ids.tea ?? "", ben };
}

/**
 * Waits until a rule's point is painted: anything that is neither ink nor line.
 * @param {Page} page
 */
async function pointsAreDrawn(page) {
  await page.waitForFunction(() => {
    const canvas = document.querySelector("[data-testid='rule-points'] canvas");
    if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return false;
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let coloured = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      const [r = 0, g = 0, b = 0, a = 0] = [pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]];
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60) coloured += 1;
    }
    return coloured > 100;
  });
}

const rows = (/** @type {Page} */ page) => page.locator("main section tbody tr");

journey("a run finds rules, and customers and products show what to offer", async (site) => {
  const admin = await site.registerAdmin();
  const { tea, ben } = await shop(admin);
  const page = await site.visit({ as: admin });
  await open(page, `/customers/${ben}`);
  await visible(page.getByTestId("next-products").getByText("Nobody has looked for product rules yet."));

  await open(page, "/rules");
  await visible(page.getByText("No run yet"));
  await page.getByTestId("run").first().click();
  await page.getByTestId("run-start").click();
  await pointsAreDrawn(page);
  await settled(page);
  await gone(page.getByTestId("underway"));
  const [run] = (await made(admin.api.GET("/api/v1/rule-runs"))).items;
  assert.ok(run?.result);
  assert.equal(run.result.baskets, 15);
  await page.waitForFunction((n) => document.querySelectorAll("main section tbody tr").length === n, run.result.rules);

  // Rules about one product only, strong ones only.
  await page.getByTestId("least-confidence").selectOption("700000");
  await visible(page.getByTestId("chip").getByText("Confidence is at least 70.0%"));
  await visible(page.getByText(/Of the orders with (Oolong tea and Tea pot|Tea pot and Oolong tea), 100\.0% also have Cup/));
  // 40% of those with a rug.
  await gone(page.getByText("also have Lamp"));
  await page.getByTestId("least-confidence").selectOption("");
  await gone(page.getByTestId("chip"));
  await open(page, `/rules?product=${tea}`);
  await visible(page.getByTestId("chip").getByText("Oolong tea"));
  await visible(rows(page).first());
  for (const text of await rows(page).allTextContents()) assert.match(text, /Oolong tea/);

  await open(page, `/customers/${ben}`);
  const card = page.getByTestId("next-products");
  await visible(card.getByText("70.0% of the orders with Oolong tea also buy it, lift 1.50"));
  assert.equal(await card.getByRole("link", { name: "Oolong tea" }).count(), 0, "he has tea");
  await card.getByTestId("offer-again").check();
  await visible(card.getByText("bought before"));
  await open(page, `/products/${tea}`);
  const together = page.getByTestId("bought-with");
  await visible(together.getByRole("link", { name: "Cup" }));
  await together.getByRole("link", { name: "All rules about it" }).click();
  await page.waitForURL(/\/rules\?product=/);
});

journey("rules of the company are explained to who sees a part of its orders", async (site) => {
  const admin = await site.registerAdmin();
  await shop(admin);
  await made(admin.api.POST("/api/v1/rule-runs", { body: {} }));
  const seller = await site.hire(admin, { name: "Sam", role: "sales", department: "East" });
  const page = await site.visit({ as: seller, language: "zh" });
  await open(page, "/rules");
  await visible(page.getByText("规则来自全公司的订单"));
  assert.equal(await page.getByTestId("run").count(), 0);
});

journey("the rules page looks right in both languages and themes", async (site) => {
  const admin = await site.registerAdmin();
  const { tea, ben } = await shop(admin);
  await made(admin.api.POST("/api/v1/rule-runs", { body: {} }));
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/rules");
    await visible(page.getByRole("heading", { name: language === "zh" ? "产品关联规则" : "Product rules" }));
    await pointsAreDrawn(page);
    await settled(page);
    await assertAccessible(page, `rules, ${language}, ${theme}`);
    await screenshot(page, `rules-${language}-${theme}`);
  }
  const page = await site.visit({ as: admin, language: "zh", width: 360 });
  for (const [name, address] of [["rules", "/rules"], ["offers", `/customers/${ben}`], ["with", `/products/${tea}`]]) {
    await open(page, address ?? "");
    await settled(page);
    await screenshot(page, `rules-phone-${name}`);
  }
});
