// Order history from a file: what is wrong in it comes back in a file, the rest is there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { screenshot } from "../harness/browser.js";
import { eventually, journey, LOOKS, made, minor, open, visible } from "../harness/journey.js";
import { workbook } from "../harness/workbook.js";

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
  await page.getByTestId("record-orders").click();
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
    await eventually(async () => assert.equal(await page.getByTestId(`map-${target}`).inputValue(), header, `guessed for ${target}`));
  }
  await page.getByTestId("map-sku").selectOption("");
  await visible(page.getByTestId("mapping-missing"));
  await eventually(async () => assert.equal(await page.getByTestId("import-run").isDisabled(), true, "not without a column that is needed"));
  await page.getByTestId("map-sku").selectOption("StockCode");
  await screenshot(page, "import-mapping");

  await page.getByTestId("import-run").click();
  await visible(page.getByText("The import is done"));
  await screenshot(page, "import-result");
  const job = await made(admin.api.GET("/api/v1/imports/{id}", { params: { path: { id } } }));
  assert.deepEqual([job.state, job.read, job.imported, job.rejected], ["done", 5, 3, 2]);
  for (const reason of ["quantity_invalid", "customer_missing"]) {
    await eventually(async () => assert.equal(await page.getByTestId(`reason-${reason}`).getByRole("cell").nth(1).textContent(), "1", reason));
  }

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("download-errors").click()]);
  const rejected = await readFile(await download.path(), "utf8");
  for (const row of BAD) assert.ok(rejected.includes(row), `the rejected row as it came: ${row} in\n${rejected}`);
  for (const row of GOOD) assert.ok(!rejected.includes(row), `no imported row: ${row}`);

  await open(page, "/orders?sort=number");
  const cells = page.locator("main tbody tr");
  await eventually(async () => assert.equal(await cells.count(), 2));
  await eventually(async () => assert.match((await cells.nth(0).textContent()) ?? "", /536365/));
  const orders = (await made(admin.api.GET("/api/v1/orders"))).items;
  assert.equal(
    orders.reduce((sum, order) => sum + order.total, 0),
    TOTAL,
  );
  await page.getByRole("link", { name: "536367" }).click();
  await visible(page.getByTestId("order-lines"));
  await eventually(async () => assert.equal(minor(await page.getByTestId("order-total").textContent()), 2 * 765));
});

const CUSTOMERS = [
  ["编号", "客户名称", "电话", "标签"],
  ["K-1", "上海晨光商贸有限公司", "021-65529988", "重点;华东"],
  ["K-2", "Dawn & Sons", "call me", ""],
  ["K-3", "Dusk Ltd", "13800138000", ""],
];

journey("customers come in from a workbook: tried first, then run, what was wrong corrected and run again", async (site) => {
  const admin = await site.registerAdmin();
  await made(admin.api.POST("/api/v1/customers", { body: { code: "K-3", name: "Dusk" } }));
  const page = await site.visit({ as: admin });
  await open(page, "/imports/new");
  await page.getByTestId("record-customers").click();
  const [template] = await Promise.all([page.waitForEvent("download"), page.getByTestId("template-csv").click()]);
  assert.match(await readFile(await template.path(), "utf8"), /Name\*/, "what a new record needs has a star");
  await screenshot(page, "import-new");
  const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "customers.xlsx", mimeType: kind, buffer: workbook(CUSTOMERS) });
  await visible(page.getByTestId("mapping"));
  await eventually(async () => assert.equal(await page.getByTestId("map-name").inputValue(), "客户名称"));
  await eventually(async () => assert.equal(await page.getByTestId("map-tags").inputValue(), "标签"));
  await page.getByLabel("What rows do").selectOption("upsert");
  await page.getByTestId("import-check").click();
  await visible(page.getByTestId("check-report"));
  const findings = page.getByTestId("finding");
  await eventually(async () => assert.equal(await findings.count(), 1));
  await eventually(async () => assert.match((await findings.first().textContent()) ?? "", /2.*Telephone: not a valid telephone number/));
  await screenshot(page, "import-check");
  assert.equal((await made(admin.api.GET("/api/v1/customers"))).items.length, 1, "nothing is kept of a trial");

  await page.getByTestId("import-run").click();
  await visible(page.getByText("The import is done"));
  await visible(page.getByTestId("reason-phone"));
  await screenshot(page, "import-customers-result");
  const names = async () => {
    const { items } = await made(admin.api.GET("/api/v1/customers", { params: { query: { sort: "code" } } }));
    return items.map((customer) => customer.name);
  };
  assert.deepEqual(await names(), ["上海晨光商贸有限公司", "Dusk Ltd"]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("download-errors").click()]);
  const rejected = await readFile(await download.path(), "utf8");
  assert.match(rejected, /Telephone: not a valid telephone number/);

  await open(page, "/imports/new?record=customers");
  await page.locator("input[type=file]").setInputFiles({
    name: "corrected.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(rejected.replace("call me", "010-65529988")),
  });
  await visible(page.getByTestId("mapping"));
  await page.getByTestId("import-run").click();
  await visible(page.getByText("Every row was imported."));
  assert.deepEqual(await names(), ["上海晨光商贸有限公司", "Dawn & Sons", "Dusk Ltd"]);
});

for (const look of LOOKS) {
  journey(`the steps of an import in ${look.language}, ${look.theme}`, async (site) => {
    const admin = await site.registerAdmin();
    const page = await site.visit({ as: admin, ...look });
    await open(page, "/imports/new?record=customers");
    await visible(page.getByTestId("record-customers"));
    await screenshot(page, `import-new-${look.language}-${look.theme}`);
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "客户.xlsx", mimeType: "application/octet-stream", buffer: workbook(CUSTOMERS) });
    await visible(page.getByTestId("mapping"));
    await page.getByTestId("import-check").click();
    await visible(page.getByTestId("check-report"));
    await screenshot(page, `import-check-${look.language}-${look.theme}`);
  });
}
