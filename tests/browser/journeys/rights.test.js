// Who may do what: the grid of a role, sharing a record, and what takes two people.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { LOOKS, field, gone, journey, made, open, pick, settled, visible } from "../harness/journey.js";

journey("a role is changed in its grid, compared with what shipped, and felt by who has it", async (site) => {
  const admin = await site.registerAdmin();
  const sales = await site.hire(admin, { name: "Nora North", role: "sales", department: "North" });
  const other = await site.hire(admin, { name: "Sam South", role: "sales", department: "South" });
  const theirs = await made(other.api.POST("/api/v1/customers", { body: { name: "Suedwind", kind: "company" } }));
  const page = await site.visit({ as: admin });
  await open(page, "/roles");
  await page.getByTestId("roles").getByRole("link", { name: /^Sales/ }).click();
  await visible(page.getByTestId("compare").getByText("As it shipped"));
  assert.equal(await page.getByTestId("settings-approve").count(), 0, "settings are not approved");
  await page.getByTestId("customers-read").selectOption("all");
  await visible(page.getByText("Differs from what shipped in 1 cells"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL("/roles");
  await made(sales.api.GET("/api/v1/customers/{id}", { params: { path: { id: theirs.id } } }));

  // What it comes to, and why.
  await open(page, `/users/${sales.id}/rights`);
  const rights = page.getByTestId("rights");
  await visible(rights.getByRole("row", { name: /^Customers read \(all\); create, update \(own\) 1 of 1/ }));
  await pick(field(page, "Record"), "Suedwind");
  await visible(page.getByTestId("rights-answer").getByText("The role reaches to all"));
  await field(page, "Operation").selectOption("update");
  await visible(page.getByTestId("rights-answer").getByText(/outside the role's scope \(Own\)/));
  await screenshot(page, "rights");

  await open(page, "/roles");
  await page.getByTestId("roles").getByRole("link", { name: /^Sales/ }).click();
  await page.getByTestId("reset").click();
  await visible(page.getByTestId("compare").getByText("As it shipped"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL("/roles");
  const hidden = await sales.api.GET("/api/v1/customers/{id}", { params: { path: { id: theirs.id } } });
  assert.equal(hidden.response.status, 404);

  for (const look of LOOKS) {
    const visit = await site.visit({ as: admin, ...look });
    await open(visit, "/roles");
    await visit.getByTestId("roles").getByRole("link").nth(4).click();
    await visible(visit.getByTestId("grid"));
    await screenshot(visit, `role-${look.language}-${look.theme}`);
  }
  const phone = await site.visit({ as: admin, width: 360 });
  await open(phone, "/roles");
  await phone.getByTestId("roles").getByRole("link", { name: /^Sales/ }).click();
  await visible(phone.getByTestId("customers-read"));
  await screenshot(phone, "role-phone");
});

journey("a customer is shared with a colleague of another department, and taken back", async (site) => {
  const admin = await site.registerAdmin();
  const north = await site.hire(admin, { name: "Nora North", role: "sales", department: "North" });
  const south = await site.hire(admin, { name: "Sam South", role: "sales", department: "South" });
  const mine = await made(north.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const page = await site.visit({ as: north });
  await open(page, `/customers/${mine.id}`);
  await page.getByTestId("share").click();
  const dialog = page.getByRole("dialog");
  await pick(field(dialog, "Colleague"), south.name);
  await dialog.getByTestId("share-save").click();
  const access = dialog.getByTestId("access");
  await visible(access.getByRole("listitem").filter({ hasText: south.name }).getByText("It was shared with them"));
  await screenshot(page, "share");

  const desk = await site.visit({ as: south, language: "zh", theme: "dark" });
  await open(desk, "/customers?shared_with_me=true");
  await desk.getByRole("link", { name: "Nordwind" }).click();
  await visible(desk.getByTestId("shared-with-me"));
  await screenshot(desk, "shared-with-me");

  await access.getByTestId("unshare").click();
  await gone(access.getByText(south.name));
  await desk.goto("/customers");
  await settled(desk);
  await gone(desk.getByText("Nordwind"));
});

journey("who asks to lift a blacklisting is not who decides", async (site) => {
  const admin = await site.registerAdmin();
  const sales = await site.hire(admin, { name: "Nora North", role: "sales", department: "North" });
  const boss = await site.hire(admin, { name: "Bo Boss", role: "department_manager", department: "North" });
  const customer = await made(sales.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  await made(
    sales.api.POST("/api/v1/customers/{id}/blacklist", {
      params: { path: { id: customer.id }, header: { "If-Match": `"${customer.version}"` } },
      body: { reason: "Three invoices unpaid" },
    }),
  );
  const page = await site.visit({ as: sales });
  await open(page, `/customers/${customer.id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Lift the blacklisting" }).click();
  await field(page.getByRole("dialog"), "Reason").fill("All three were paid yesterday");
  await page.getByTestId("request-approval").click();
  const notice = page.getByTestId("pending-approval");
  await visible(notice.getByText("All three were paid yesterday"));
  await screenshot(page, "approval-pending");
  await notice.getByRole("link").click();
  await visible(page.getByText("This is your own request"));
  assert.equal(await page.getByTestId("approve").count(), 0);

  const desk = await site.visit({ as: boss, language: "zh", theme: "dark" });
  await open(desk, "/approvals");
  await visible(desk.getByTestId("approvals-waiting").getByText("1"));
  await screenshot(desk, "approvals");
  await desk.getByTestId("inbox").getByRole("link", { name: /Nordwind/ }).click();
  await visible(desk.getByTestId("approve"));
  await screenshot(desk, "approval");
  await desk.getByTestId("approve").click();
  await gone(desk.getByTestId("approve"));
  await gone(desk.getByTestId("approvals-waiting"));

  await open(page, `/customers/${customer.id}`);
  await visible(page.getByRole("heading", { name: "Nordwind" }));
  await gone(page.getByText("Blacklisted, no new orders"));
  await page.getByRole("button", { name: "Notifications, 1 unread" }).click();
  await visible(page.getByTestId("notifications").getByText("Your request was approved"));
});
