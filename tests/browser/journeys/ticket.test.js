// A ticket from the customer's call to the solution, and opened again.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { field, gone, journey, made, open, pick, visible } from "../harness/journey.js";

journey("a ticket is recorded, answered, handed on, resolved and opened again", async (site) => {
  const admin = await site.registerAdmin();
  const agent = await site.hire(admin, { name: "Sven Service", role: "service_agent", department: "Service" });
  await made(admin.api.POST("/api/v1/customers", { body: { name: "Nordwind", kind: "company" } }));
  const page = await site.visit({ as: admin });

  await open(page, "/tickets");
  await page.getByTestId("new-ticket").first().click();
  await field(page, "Subject").fill("Two boxes arrived open");
  await field(page, "What happened").fill("The driver noticed it and took pictures.");
  await pick(field(page, "Customer"), "Nordwind");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
  await visible(page.getByRole("heading", { name: "Two boxes arrived open" }));
  const id = /** @type {string} */ (page.url().split("/").at(-1));
  const params = { path: { id } };
  const stored = () => made(admin.api.GET("/api/v1/tickets/{id}", { params }));

  // It has nobody yet: it waits in the queue.
  await page.getByTestId("take").click();
  await gone(page.getByTestId("take"));
  assert.equal((await stored()).owner_id, admin.id);

  const conversation = page.getByTestId("conversation");
  await page.getByTestId("reply-body").fill("We send two new boxes today.");
  await page.getByTestId("reply-send").click();
  await visible(conversation.getByText("We send two new boxes today."));
  await page.getByTestId("write-note").click();
  await page.getByTestId("reply-body").fill("Ask the carrier for the pictures.");
  await page.getByTestId("reply-send").click();
  await visible(conversation.getByText("Ask the carrier for the pictures."));
  await screenshot(page, "ticket");
  const comments = await made(admin.api.GET("/api/v1/tickets/{id}/comments", { params }));
  const kindOf = (/** @type {string} */ body) => comments.items.find((comment) => comment.body === body)?.kind;
  assert.equal(kindOf("We send two new boxes today."), "public");
  assert.equal(kindOf("Ask the carrier for the pictures."), "internal", "a note is not for the customer");

  await page.getByTestId("assign").click();
  await pick(field(page.getByRole("dialog"), "To whom"), agent.name);
  await page.getByTestId("assign-save").click();
  await visible(page.locator("main dd", { hasText: agent.name }));
  assert.equal((await stored()).owner_id, agent.id);

  await page.getByTestId("to-resolved").click();
  await visible(page.getByTestId("to-closed"));
  assert.ok((await stored()).resolved_at, "resolved on the server too");
  await page.getByTestId("to-open").click();
  await visible(page.getByTestId("to-waiting"));
  const reopened = await stored();
  assert.deepEqual([reopened.state, reopened.reopened], ["open", 1]);

  // Whoever it was given to finds it among their own.
  const desk = await site.visit({ as: agent });
  await open(desk, "/tickets");
  await desk.getByTestId("quick-mine").click();
  await desk.waitForURL(/filter=.*owner_id/);
  await visible(desk.getByRole("link", { name: "Two boxes arrived open" }));
});
