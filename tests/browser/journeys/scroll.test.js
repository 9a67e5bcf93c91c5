// A list of thousands of rows: only those in sight are in the document, the others come while somebody scrolls.

import assert from "node:assert/strict";

import { assertAccessible } from "../harness/browser.js";
import { eventually, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

const MANY = 2_500;
/** No window shows so many rows, with those around it. */
const FEW = 120;

const sku = (/** @type {number} */ number) => `P${String(number).padStart(5, "0")}`;

/** @param {Person} admin */
async function products(admin) {
  for (let first = 1; first <= MANY; first += 50) {
    const numbers = Array.from({ length: 50 }, (_, i) => first + i);
    await Promise.all(
      numbers.map((number) =>
        made(
          admin.api.POST("/api/v1/products", {
            body: { sku: sku(number), name: `产品 ${number}`, name_en: `Product ${number}`, list_price: "1.00", unit: "pc" },
          }),
        ),
      ),
    );
  }
}

/**
 * The numbers of the rows in the middle of the window, and how many rows are in the document.
 * @param {Page} page
 */
function inSight(page) {
  return page.evaluate(() => {
    const drawn = [...document.querySelectorAll("main tr[data-row]")];
    const seen = drawn.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    return { drawn: drawn.length, seen: seen.map((row) => Number(row.getAttribute("data-row"))) };
  });
}

/** @param {Page} page @param {number} row */
const rowOf = (page, row) => page.locator(`main tr[data-row="${row}"]`);

/** @param {Page} page @param {string} text */
const position = (page, text) => visible(page.getByTestId("position").getByText(text));

journey("thousands of rows are scrolled through by wheel", async (site) => {
  const admin = await site.registerAdmin();
  await products(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/products?sort=sku");
  await position(page, "of 2,500");
  const table = page.locator("main table");
  await eventually(async () => assert.equal(await table.getAttribute("aria-rowcount"), String(MANY + 1)));
  await eventually(async () => assert.equal(await rowOf(page, 0).getAttribute("aria-rowindex"), "2"));

  const all = new Set();
  let last = -1;
  let steps = 0;
  while (last < MANY - 1) {
    const { drawn, seen } = await inSight(page);
    assert.ok(drawn < FEW, `${drawn} rows are drawn`);
    assert.ok(seen.length > 0, "there is always something to see");
    for (const row of seen) all.add(row);
    last = Math.max(last, ...seen);
    // The browser may drop a turn, or take two at once: still less than a window.
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 350);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    steps += 1;
    assert.ok(steps < MANY, "the wheel leads to the end");
  }
  assert.equal(all.size, MANY, "every row was seen");
  await visible(rowOf(page, MANY - 1).getByText(sku(MANY)));
  await assertAccessible(page, "the end of a long list");

  await page.getByRole("button", { name: "To the top" }).click();
  await visible(rowOf(page, 0).getByText(sku(1)));
  await page.waitForFunction(() => scrollY === 0);
});

journey("thousands of rows are worked on by keyboard, and found again", async (site) => {
  const admin = await site.registerAdmin();
  await products(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/products?sort=sku");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await visible(page.getByText("1 chosen"));
  // Rows that are not there yet have to come first.
  const active = () => page.evaluate(() => Number(document.querySelector("main tr.active")?.getAttribute("data-row") ?? -1));
  while ((await active()) < 420) await page.keyboard.press("j");
  const row = await active();
  await page.keyboard.press("x");
  await visible(page.getByText("2 chosen"));
  await page.waitForFunction((row) => {
    const place = document.querySelector(`main tr[data-row="${row}"]`)?.getBoundingClientRect();
    return place !== undefined && place.top >= 0 && place.bottom <= innerHeight;
  }, row);
  await page.keyboard.press("k");
  await page.waitForFunction((row) => document.querySelector(`main tr.active[data-row="${row}"]`), row - 1);

  // The record, and back to the same rows.
  await settled(page);
  const before = await inSight(page);
  await page.keyboard.press("Enter");
  await visible(page.getByRole("heading", { name: `Product ${row}` }));
  await page.goBack();
  await visible(rowOf(page, row - 1));
  await settled(page);
  await page.waitForFunction((row) => document.querySelector(`main tr.active[data-row="${row}"]`), row - 1);
  const after = await inSight(page);
  assert.deepEqual(after.seen, before.seen);

  // Somewhere new begins at the top.
  await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Orders" }).click();
  await page.waitForURL("**/orders");
  await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Products" }).click();
  await visible(rowOf(page, 0));
  await page.waitForFunction(() => scrollY === 0);
});

journey("what is being typed into a cell outlives what others change", async (site) => {
  const admin = await site.registerAdmin();
  const manager = await site.hire(admin, { name: "Max Manager", role: "administrator", department: "North" });
  const all = [];
  for (const number of [1, 2, 3]) {
    const body = { sku: sku(number), name: `产品 ${number}`, name_en: `Product ${number}`, list_price: "1.00", unit: "pc" };
    all.push(await made(admin.api.POST("/api/v1/products", { body })));
  }
  const [first, second] = all;
  assert.ok(first && second);
  const page = await site.visit({ as: admin });
  await open(page, "/products?sort=sku");
  await rowOf(page, 1).locator("td[data-label=Unit]").dblclick({ position: { x: 2, y: 2 } });
  const input = page.getByTestId("cell-editor").getByRole("textbox");
  await input.fill("half-ty");
  // The row itself and the one above change meanwhile, and a row comes before both.
  for (const product of [first, second]) {
    const params = { path: { id: product.id }, header: { "If-Match": `"${product.version}"` } };
    await made(manager.api.PATCH("/api/v1/products/{id}", { params, body: { list_price: "7.50" } }));
  }
  const early = { sku: "A00000", name: "最早", name_en: "Earliest", list_price: "1.00", unit: "pc" };
  await made(manager.api.POST("/api/v1/products", { body: early }));
  await visible(rowOf(page, 0).getByText("A00000"));
  await visible(rowOf(page, 1).getByText("7.50"));
  await eventually(async () => assert.equal(await input.inputValue(), "half-ty"));
  await input.press("End");
  await input.pressSequentially("ped");
  await input.press("Enter");
  await page.getByTestId("cell-editor").waitFor({ state: "hidden" });
  await visible(rowOf(page, 2).getByText("half-typed"));
  const saved = await made(admin.api.GET("/api/v1/products/{id}", { params: { path: { id: second.id } } }));
  assert.deepEqual([saved.unit, saved.list_price], ["half-typed", "7.5"]);
});

journey("rows become cards on a phone, however many there are", async (site) => {
  const admin = await site.registerAdmin();
  await products(admin);
  const page = await site.visit({ as: admin, width: 360 });
  await open(page, "/products?sort=sku");
  await position(page, "of 2,500");
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, 1_500);
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll("main tr[data-row]")];
      return rows.some((row) => row.getBoundingClientRect().top > innerHeight / 2);
    });
    const { drawn, seen } = await inSight(page);
    assert.ok(drawn < FEW && seen.length > 0);
  }
});
