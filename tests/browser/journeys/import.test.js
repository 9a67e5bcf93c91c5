// Order history from a file: what is wrong in it comes back in a file, the rest is there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { screenshot } from "../harness/browser.js";
import { journey, made, minor, open, visible } from "../harness/journey.js";

const HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
const GOOD = [
  "536365,85123A,White lantern,6,2026-01-12 08:26,2.55,17850,United Kingdom",
  "536365,71053,Metal lantern,6,2026-01-12 08:26,3.39,17850,United Kingdom",
  "536367,22752,Nesting boxes,2,2026-01-12 08:34,7.65,13047,France",
];
const BAD = [
  "536368,22960,Jam making set,six,2026-01-12 08:34,4.25,13047,France",
  "536369,21756,Bath building block,3,2026-01-12 08:35,5.95,,France",
];
const TOTAL = 6 * 255 + 6 * 339 + 2 * 765;

journey("orders come in from a CSV file, and what is wrong goes out in one", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  await open(page, "/imports");
  await page.getByTestId("new-import").first().click();
  await page.waitForURL("**/imports/new");
  const file = [HEADER, ...GOOD, ...BAD].join("\r\n") + "\r\n";
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "history 2026.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.waitForURL(/\/imports\/[0-9a-f-]{36}$/);
  await visible(page.getByTestId("mapping"));
  const id = /** @type {string} */ (page.url().split("/").at(-1));

  /** What the headers mean. */
  const guesses = {
    order_number: "InvoiceNo",
    ordered_at: "InvoiceDate",
    customer_code: "CustomerID",
    region: "Country",
    sku: "StockCode",
    description: "Description",
    quantity: "Quantity",
    unit_price: "UnitPrice",
    customer_name: "",
    discount: "",
  };
  for (const [target, header] of Object.entries(guesses)) {
    assert.equal(await page.getByTestId(`map-${target}`).inputValue(), header, `guessed for ${target}`);
  }
  await page.getByTestId("map-sku").selectOption("");
  await visible(page.getByTestId("mapping-missing"));
  assert.equal(await page.getByTestId("import-run").isDisabled(), true, "not without a column that is needed");
  await page.getByTestId("map-sku").selectOption("StockCode");
  await screenshot(page, "import-mapping");

  await page.getByTestId("import-run").click();
  await visible(page.getByText("The import is done"));
  await screenshot(page, "import-result");
  const job = await made(admin.api.GET("/api/v1/imports/{id}", { params: { path: { id } } }));
  assert.deepEqual([job.state, job.read, job.imported, job.rejected], ["done", 5, 3, 2]);
  for (const reason of ["quantity_invalid", "customer_missing"]) {
    assert.equal(await page.getByTestId(`reason-${reason}`).getByRole("cell").nth(1).textContent(), "1", reason);
  }

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("download-errors").click()]);
  const rejected = await readFile(await download.path(), "utf8");
  for (const row of BAD) assert.ok(rejected.includes(row), `the rejected row as it came: ${row} in\n${rejected}`);
  for (const row of GOOD) assert.ok(!rejected.includes(row), `no imported row: ${row}`);

  await open(page, "/orders?sort=number");
  const cells = page.locator("main tbody tr");
  assert.equal(await cells.count(), 2);
  assert.match((await cells.nth(0).textContent()) ?? "", /536365/);
  const orders = (await made(admin.api.GET("/api/v1/orders"))).items;
  assert.equal(
    orders.reduce((sum, order) => sum + order.total, 0),
    TOTAL,
  );
  await page.getByRole("link", { name: "536367" }).click();
  await visible(page.getByTestId("order-lines"));
  assert.equal(minor(await page.getByTestId("order-total").textContent()), 2 * 765);
});
