// The app comes in parts: little at first, the rest when it is wanted, and a part that does not come is asked for again.

import assert from "node:assert/strict";

import { journey, open, visible } from "../harness/journey.js";

/** What the first page may weigh, in bytes as they are sent (spec of quality: 700 KB in all). */
const FIRST_LOAD = 700_000;

journey("the first page is light, and a part that could not be fetched is fetched when asked again", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin, expected: /Failed to (load resource|fetch)/ });
  let weight = 0;
  page.on("response", (response) => {
    if (!response.url().includes("/api/")) weight += Number(response.headers()["content-length"] ?? 0);
  });
  await open(page, "/");
  assert.ok(weight > 100_000, `${weight} bytes: the files tell their length`);
  assert.ok(weight < FIRST_LOAD, `${weight} bytes`);

  const parts = "**/split_customers*.wasm";
  await page.route(parts, (route) => route.abort());
  await page.getByRole("link", { name: "Customers", exact: true }).click();
  await visible(page.getByText("This page could not be fetched"));
  await page.unroute(parts);
  await page.getByRole("button", { name: "Try again" }).click();
  await visible(page.getByRole("heading", { name: "Customers", level: 1 }));
});
