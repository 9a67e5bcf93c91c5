// What others do is seen while one looks on: the bell, lists and records.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { gone, journey, made, open, visible } from "../harness/journey.js";

journey("a ticket that is given to somebody rings their bell, and a record says when others change it", async (site) => {
  const admin = await site.registerAdmin();
  const agent = await site.hire(admin, { name: "Sven Service", role: "service_agent", department: "Service" });
  const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const page = await site.visit({ as: agent });
  await open(page, "/tickets");
  await visible(page.getByRole("button", { name: "Notifications", exact: true }));

  const ticket = await made(
    admin.api.POST("/api/v1/tickets", {
      body: { customer_id: customer.id, subject: "Two boxes arrived open", kind: "complaint", owner_id: agent.id },
    }),
  );
  // The list and the bell learn of it by themselves.
  await visible(page.getByRole("link", { name: "Two boxes arrived open" }));
  const bell = page.getByRole("button", { name: "Notifications, 1 unread" });
  await visible(bell);
  await bell.click();
  const list = page.getByTestId("notifications");
  await visible(list.getByText("A ticket was assigned to you"));
  await screenshot(page, "notifications");
  await list.getByRole("menuitem", { name: /Two boxes arrived open/ }).click();
  await page.waitForURL(`/tickets/${ticket.id}`);
  await visible(page.getByRole("heading", { name: "Two boxes arrived open" }));
  await visible(page.getByRole("button", { name: "Notifications", exact: true }));

  const notice = page.getByTestId("changed-elsewhere");
  assert.equal(await notice.count(), 0);
  await made(
    admin.api.PATCH("/api/v1/tickets/{id}", {
      params: { path: { id: ticket.id }, header: { "If-Match": `"${ticket.version}"` } },
      body: { subject: "Three boxes arrived open" },
    }),
  );
  await visible(notice.getByText("Ada Admin has changed this record."));
  await screenshot(page, "changed-elsewhere");
  await notice.getByRole("button", { name: "Show the newest" }).click();
  await visible(page.getByRole("heading", { name: "Three boxes arrived open" }));
  await gone(notice);
});

journey("a webhook is made, its secret is shown once, and its messages can be looked at", async (site) => {
  const admin = await site.registerAdmin();
  const page = await site.visit({ as: admin });
  await open(page, "/webhooks");
  await page.getByTestId("new-webhook").first().click();
  await page.getByLabel("Name").fill("ERP");
  await page.getByLabel("Address").fill("https://localhost:9/hook");
  await page.getByRole("button", { name: "Customers", exact: true }).click();
  await screenshot(page, "webhook-form");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const secret = page.getByTestId("secret");
  await visible(secret.getByText(/^whsec_/));
  await screenshot(page, "webhook-secret");
  await secret.getByRole("link", { name: "To the webhook" }).click();
  await visible(page.getByRole("heading", { name: "ERP" }));
  await gone(page.getByText(/whsec_/));

  // Into this machine nothing is sent: the log says why.
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Send a test" }).click();
  await page.getByText("webhooks.test").click();
  await visible(page.getByText("private network"));
  await screenshot(page, "webhook-message");
  await page.keyboard.press("Escape");
  await screenshot(page, "webhook");

  await open(page, "/jobs");
  await page.getByTestId("job-metrics_rebuild").getByRole("button", { name: "Run now" }).click();
  await visible(page.getByText("Done").first());
  await screenshot(page, "job");
  await open(page, "/jobs");
  await screenshot(page, "jobs");
});
