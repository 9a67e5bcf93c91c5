// Two people edit one customer at the same time: nobody's work is lost without a decision.

import assert from "node:assert/strict";

import { screenshot } from "../harness/browser.js";
import { eventually, field, gone, journey, made, open, visible } from "../harness/journey.js";

journey("the second of two editors chooses field by field what to keep", async (site) => {
  const admin = await site.registerAdmin();
  const customer = await made(
    admin.api.POST("/api/v1/customers", {
      body: { name: "Old name", kind: "company", phone: "+86 21 1000 1000", short_name: "Old" },
    }),
  );
  const address = `/customers/${customer.id}`;
  const first = await site.visit({ as: admin });
  const second = await site.visit({ as: admin });
  await open(first, `${address}/edit`);
  await open(second, `${address}/edit`);

  await field(first, "Name").fill("Name of the first");
  await field(first, "Telephone").fill("+86 21 2000 2000");
  await first.getByRole("button", { name: "Save", exact: true }).click();
  await first.waitForURL(`**${address}`);

  await field(second, "Name").fill("Name of the second");
  await field(second, "Telephone").fill("+86 21 3000 3000");
  await field(second, "Short name").fill("Second");
  await second.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = second.getByRole("dialog", { name: "Somebody changed this record meanwhile" });
  await visible(dialog);

  const row = (/** @type {string} */ name) =>
    dialog.getByRole("row").filter({ has: second.getByRole("rowheader", { name, exact: true }) });
  assert.deepEqual(
    await row("Name").getByRole("cell").allTextContents(),
    ["Old name", "Name of the first", "Name of the second"],
    "original, theirs, yours",
  );
  assert.equal(await row("Short name").count(), 0, "what only one of them changed is no question");
  await eventually(async () => assert.equal(await row("Name").getByRole("radio").nth(1).isChecked(), true, "one's own work stays if nothing is said"));
  await screenshot(second, "conflict");

  await row("Telephone").getByRole("radio").nth(0).check();
  await dialog.getByRole("button", { name: "Save the choice" }).click();
  await second.waitForURL(`**${address}`);
  await gone(dialog);

  const saved = await made(admin.api.GET("/api/v1/customers/{id}", { params: { path: { id: customer.id } } }));
  assert.deepEqual(
    [saved.name, saved.phone, saved.short_name],
    ["Name of the second", "+86 21 2000 2000", "Second"],
  );
});
