// The start pages: the first day of a company, and what managers and the service desk see at once.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, journey, made, open, settled, visible } from "../harness/journey.js";

journey("the administrator of an empty company is led to its data and people", async (site) => {
  const admin = await site.registerAdmin();
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    /** @type {string[]} */
    const calls = [];
    // What the app asks when it starts is not the page's.
    const starts = /\/(auth|me|meta|dictionaries|custom-fields|people|notifications|events|approvals)\b/;
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/v1/") && !starts.test(pathname)) calls.push(pathname);
    });
    await open(page, "/");
    await visible(page.getByTestId("first-steps"));
    await settled(page);
    assert.ok(calls.length <= 6, calls.join(" "));
    assert.equal(await page.getByTestId("sales-figures").count(), 0, "there are no figures yet");
    await assertAccessible(page, `the first day, ${language}, ${theme}`);
    await screenshot(page, `first-steps-${language}-${theme}`);
  }
  const phone = await site.visit({ as: admin, language: "zh", width: 360 });
  await open(phone, "/");
  await visible(phone.getByTestId("first-steps"));
  await settled(phone);
  await screenshot(phone, "first-steps-phone");

  const page = await site.visit({ as: admin });
  await open(page, "/");
  await page.getByTestId("first-steps").getByRole("link", { name: "Import orders" }).click();
  await page.waitForURL(/\/imports\/new\?record=orders/);

  // With a customer that step is done; orders are still to come.
  await made(admin.api.POST("/api/v1/customers", { body: { name: "Customer 1", kind: "company" } }));
  await open(page, "/");
  await visible(page.getByTestId("first-steps").getByText("done"));
});

journey("managers see segments and the service desk the states of tickets on their start pages", async (site) => {
  const admin = await site.registerAdmin();
  const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "Customer 1", kind: "company" } }));
  await made(
    admin.api.POST("/api/v1/segments", {
      body: { name: "Friends", kind: "static", shared: true, filter: { field: "name", op: "contains", value: "Customer" } },
    }),
  );
  const body = /** @type {const} */ ({ subject: "Two boxes arrived open", kind: "complaint", customer_id: customer.id });
  await made(admin.api.POST("/api/v1/tickets", { body }));
  const director = await site.hire(admin, { name: "Dora", role: "director", department: "North" });
  const page = await site.visit({ as: director });
  await open(page, "/");
  const card = page.getByTestId("segments");
  await visible(card.getByRole("link", { name: "Friends" }));
  await visible(card.getByText("▲ 1"));
  await screenshot(page, "home-director-en");
  await card.getByRole("link", { name: "Friends" }).click();
  await page.waitForURL(/\/segments\/./);

  const agent = await site.hire(admin, { name: "Sid", role: "service_agent", department: "North" });
  const desk = await site.visit({ as: agent, language: "zh" });
  await open(desk, "/");
  const states = desk.getByTestId("ticket-states");
  await visible(states.getByText("等待客户"));
  await states.getByRole("link", { name: /新建/ }).click();
  await desk.waitForURL(/\/tickets\?state=new/);
});
