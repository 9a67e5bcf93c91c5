// Outgoing mail: an account is set and tried, a report is sent by schedule, a colleague wants no more of it.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { LOOKS, confirmedOrder, field, gone, journey, made, open, pick, settled, visible } from "../harness/journey.js";
import { startMailServer } from "../harness/mail.js";

/** @typedef {import("../harness/journey.js").Page} Page */

const PHONE = 360;

/** @param {Page} page */
async function fitsItsWidth(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${over} px too wide`);
}

/** @param {Page} page */
async function openSchedule(page) {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Send by mail" }).click();
  await visible(page.getByTestId("schedule"));
}

journey("mail is set up and tried, and a report sent by schedule", async (site) => {
  const server = await startMailServer();
  try {
    const admin = await site.registerAdmin();
    const lee = await site.hire(admin, { name: "Lee Sales", role: "sales", department: "North" });
    const customer = await made(admin.api.POST("/api/v1/customers", { body: { name: "晨光商贸", kind: "company", region: "cn_east" } }));
    await confirmedOrder(admin, customer.id, "1200.50");

    const page = await site.visit({ as: admin });
    await open(page, "/mail?tab=settings");
    await field(page, "Server").fill("127.0.0.1");
    await field(page, "Port").fill(String(server.port));
    await field(page, "Encryption").selectOption("none");
    await field(page, "Address").fill("crm@example.com");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await visible(page.getByText("Saved"));

    server.refuse("550 5.7.1 not from there");
    await page.getByTestId("send-test").click();
    await visible(page.getByTestId("test-outcome").getByText("refused the mail"));
    await visible(page.getByTestId("test-outcome").getByText("not from there"));
    server.refuse(undefined);
    await page.getByTestId("send-test").click();
    await visible(page.getByText("The mail server has taken the test"));
    assert.match(await server.next(), /^To: "?Ada Admin"? <ada@example\.com>/m);
    for (const look of LOOKS) {
      const visitor = await site.visit({ as: admin, ...look });
      await open(visitor, "/mail?tab=settings");
      await screenshot(visitor, `mail-settings-${look.language}-${look.theme}`);
      await assertAccessible(visitor, "the mail settings");
      await open(visitor, "/mail");
      await screenshot(visitor, `mail-${look.language}-${look.theme}`);
      await assertAccessible(visitor, "the outgoing mail");
    }

    // A shared report, to a colleague as well.
    const query = { rows: /** @type {const} */ (["region"]), measures: /** @type {const} */ (["sales", "orders"]), period: /** @type {const} */ ("last_12_months") };
    const body = { name: "Sales by region", shared: true, query: { ...query, rows: [...query.rows], measures: [...query.measures] } };
    const report = await made(admin.api.POST("/api/v1/reports", { body }));
    await open(page, `/reports/${report.id}`);
    await visible(page.getByRole("heading", { name: "Sales by region" }));
    await openSchedule(page);
    await field(page, "How often").selectOption("monthly");
    await field(page, "Day of the month").selectOption("31");
    await pick(page.locator("#schedule-recipient"), "Lee Sales");
    await page.getByTestId("save-schedule").click();
    await visible(page.getByText("The schedule is saved"));
    // At eight by the company's clocks, not by those of the browser.
    assert.match((await page.getByTestId("next").textContent()) ?? "", /, 08:00$/);
    await visible(page.getByTestId("schedule").getByText("Asia/Shanghai", { exact: true }));
    await page.getByTestId("send-now").click();
    await visible(page.getByText("It is being sent"));
    const messages = [await server.next(), await server.next()];
    const mine = messages.find((message) => message.includes("ada@example.com"));
    assert.match(mine ?? "", /^Content-Disposition: attachment/m);
    const theirs = messages.find((message) => message.includes("lee.sales@example.com"));
    assert.doesNotMatch(theirs ?? "", /^Content-Disposition: attachment/m);
    for (const look of LOOKS) {
      const visitor = await site.visit({ as: admin, ...look });
      await open(visitor, `/reports/${report.id}?mail=1`);
      await visible(visitor.getByTestId("outcomes"));
      await screenshot(visitor, `report-schedule-${look.language}-${look.theme}`);
      await assertAccessible(visitor, "the schedule of a report");
    }

    // What the mail's link opens for a colleague.
    const visitor = await site.visit({ as: lee });
    await open(visitor, `/reports/${report.id}?mail=1`);
    await visitor.getByTestId("subscription").click();
    await visible(visitor.getByText("You have unsubscribed"));
    const schedule = await made(admin.api.GET("/api/v1/reports/{id}/schedule", { params: { path: { id: report.id } } }));
    assert.deepEqual(schedule.people.map(({ name, subscribed }) => [name, subscribed]), [["Ada Admin", true], ["Lee Sales", false]]);

    const phone = await site.visit({ as: admin, language: "zh", width: PHONE });
    for (const [address, name] of [["/mail", "mail"], ["/mail?tab=settings", "mail-settings"], [`/reports/${report.id}?mail=1`, "report-schedule"]]) {
      await open(phone, address ?? "");
      await settled(phone);
      if (name === "report-schedule") await visible(phone.getByTestId("outcomes"));
      await fitsItsWidth(phone);
      await screenshot(phone, `${name}-phone`);
    }
  } finally {
    server.stop();
  }
});

journey("who leads mail to another server is told that the kept password goes", async (site) => {
  const admin = await site.registerAdmin();
  const { version } = await made(admin.api.GET("/api/v1/mail-settings"));
  const account = { host: "smtp.example.com", port: 465, tls: /** @type {const} */ ("tls"), user: "crm@example.com" };
  const body = { ...account, password: "correct horse", sender_name: "Guanxi", sender_address: "crm@example.com" };
  const params = { header: { "If-Match": `"${version}"` } };
  await made(admin.api.PATCH("/api/v1/mail-settings", { params, body }));
  const page = await site.visit({ as: admin });
  await open(page, "/mail?tab=settings");
  const warning = page.getByTestId("password-lost");
  await field(page, "Address").fill("sales@example.com");
  await gone(warning);
  await field(page, "Server").fill("smtp.example.org");
  await visible(warning.getByText("at smtp.example.com only"));
  await field(page, "Password or app password").fill("battery staple");
  await gone(warning);
  await field(page, "Password or app password").fill("");
  await visible(warning);
  await field(page, "Server").fill("smtp.example.com");
  await gone(warning);
});
