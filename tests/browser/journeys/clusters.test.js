// Clusters: a run is asked for, its clusters are named, and customers are found by them.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, journey, LOOKS, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** What customers buy: a few much and often, others little and once. In major units. */
const BUYERS = [[900, 950, 870], [910, 940, 990], [880, 905, 955], [5], [7], [6], [8], [4], [60, 70], [65, 72]];

/** @param {Person} admin */
async function sell(admin) {
  for (const [index, amounts] of BUYERS.entries()) {
    const body = { name: `Customer ${index + 1}`, kind: /** @type {const} */ ("company") };
    const customer = await made(admin.api.POST("/api/v1/customers", { body }));
    for (const amount of amounts) await confirmedOrder(admin, customer.id, String(amount));
  }
}

const SETTINGS = {
  features: /** @type {const} */ (["monetary", "average_order"]),
  transform: /** @type {const} */ ("log"),
  clusters: 3,
};

/**
 * Waits until a point is painted: anything that is neither ink nor line.
 * @param {Page} page
 */
async function pointsAreDrawn(page) {
  await page.waitForFunction(() => {
    const canvas = document.querySelector("[data-testid='cluster-points'] canvas");
    if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return false;
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let coloured = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      const [r = 0, g = 0, b = 0, a = 0] = [pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]];
      if (a > 120 && Math.max(r, g, b) - Math.min(r, g, b) > 60) coloured += 1;
    }
    return coloured > 100;
  });
}

/**
 * A run, done.
 * @param {Person} admin
 */
async function run(admin) {
  const asked = await made(admin.api.POST("/api/v1/cluster-runs", { body: { settings: /** @type {any} */ (SETTINGS) } }));
  for (;;) {
    const now = await made(admin.api.GET("/api/v1/cluster-runs/{id}", { params: { path: { id: asked.id } } }));
    if (now.state === "done") return now;
    assert.notEqual(now.state, "failed");
  }
}

journey("a run groups the customers, whose clusters get names", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/clusters");
  await visible(page.getByText("No run yet"));
  await page.getByTestId("run").first().click();
  for (const feature of ["recency", "frequency"]) await page.getByTestId(`feature-${feature}`).uncheck();
  await page.getByTestId("feature-average_order").check();
  await page.getByLabel("Number of clusters").fill("3");
  await page.getByTestId("run-start").click();
  await pointsAreDrawn(page);
  await settled(page);

  const first = page.getByTestId("cluster-1");
  await visible(first.getByText("Customers: 5, 50.0%"));
  await first.getByTestId("rename-1").click();
  await first.getByRole("textbox").fill("Small and rare");
  await first.getByRole("textbox").press("Enter");
  await visible(first.getByRole("heading", { name: "Small and rare" }));
  await page.getByTestId("members-1").click();
  await page.waitForURL(/[?&]cluster=1/);
  await page.waitForFunction(() => document.querySelectorAll("section:has([data-testid='members-1']) tbody tr").length === 5);

  await first.getByRole("link", { name: "Open in the customers' list" }).click();
  await page.waitForURL(/\/customers\?.*cluster/);
  await settled(page);
  await eventually(async () => assert.equal(await page.locator("main tbody tr").count(), 5));
  // By its name: in the filter, in the list of what can be chosen, and on a customer's page.
  await visible(page.getByText("Cluster is Small and rare"));
  await page.locator("main tbody tr").first().getByRole("link").first().click();
  await visible(page.getByTestId("scores").getByText("Small and rare"));

  // Again: everybody stays, and the table says from where.
  await run(admin);
  await open(page, "/clusters");
  await visible(page.getByTestId("moves").getByText("Small and rare"));
});

journey("the clusters page looks right in both languages and themes", async (site) => {
  const admin = await site.registerAdmin();
  await sell(admin);
  await run(admin);
  await run(admin);
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/clusters");
    await visible(page.getByRole("heading", { name: language === "zh" ? "客户聚类" : "Clusters" }));
    await pointsAreDrawn(page);
    await settled(page);
    await assertAccessible(page, `clusters, ${language}, ${theme}`);
    await screenshot(page, `clusters-${language}-${theme}`);
  }
  const page = await site.visit({ as: admin, language: "zh", width: 360 });
  await open(page, "/clusters");
  await settled(page);
  await screenshot(page, "clusters-phone");
});
