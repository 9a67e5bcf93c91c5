// What people see differs by their role and department.

import assert from "node:assert/strict";

import { eventually, gone, journey, made, open, settled, visible } from "../harness/journey.js";

journey("a salesperson sees no administration and nobody else's customers", async (site) => {
  const admin = await site.registerAdmin();
  const north = await site.hire(admin, { name: "Nora North", role: "sales", department: "North" });
  const south = await site.hire(admin, { name: "Sam South", role: "sales", department: "South" });
  const mine = await made(north.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const theirs = await made(south.api.POST("/api/v1/customers", { body: { name: "Suedwind", kind: "company" } }));

  const everything = await site.visit({ as: admin });
  await open(everything, "/customers");
  await visible(everything.getByRole("link", { name: "Nordwind" }));
  await visible(everything.getByRole("link", { name: "Suedwind" }));

  const administration = (/** @type {import("../harness/journey.js").Page} */ page) =>
    page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: /^(Users|Departments|Roles|Settings|Audit trail)$/ });
  await visible(administration(everything));
  await eventually(async () => assert.equal(await administration(everything).count(), 5));

  const page = await site.visit({ as: north });
  await open(page, "/customers");
  await visible(page.getByRole("link", { name: "Nordwind" }));
  assert.equal(await page.getByText("Suedwind").count(), 0);
  assert.equal(await administration(page).count(), 0);

  await open(page, `/customers/${mine.id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await visible(page.getByRole("menuitem", { name: "Archive" }));
  assert.equal(await page.getByRole("menuitem", { name: "Delete for good" }).count(), 0);

  // Not by its address either.
  await page.goto(`/customers/${theirs.id}`);
  await visible(page.getByText("There is no such record"));
  assert.equal(await page.getByText("Suedwind").count(), 0);
  await page.goto("/customers?q=Suedwind");
  await visible(page.getByText("Nothing matches"));
  await settled(page);
  await gone(page.getByText("Suedwind"));
});
