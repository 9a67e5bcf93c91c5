// A receiver of webhooks that checks signatures with the official library of Standard Webhooks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { Webhook } from "standardwebhooks";

import { apiClient } from "../harness/api.js";
import { made } from "../harness/journey.js";
import { startServer } from "../harness/server.js";

/** Answers the next messages with 204. */
async function receive() {
  /** @type {{ headers: Record<string, string>, body: string }[]} */
  const heard = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    heard.push({ headers: /** @type {Record<string, string>} */ (request.headers), body });
    response.writeHead(204).end();
    server.emit("heard");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const next = async () => {
    while (heard.length === 0) await once(server, "heard");
    return /** @type {(typeof heard)[0]} */ (heard.shift());
  };
  return { url: `http://127.0.0.1:${address.port}/hook`, next, stop: () => server.close() };
}

test("messages carry signatures that the official library takes, also while a secret is rotated", async () => {
  const receiver = await receive();
  const server = await startServer({ GUANXI_WEBHOOK_NETWORKS: "127.0.0.1" });
  try {
    const account = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    const tokens = await made(apiClient(server.url).POST("/api/v1/auth/register", { body: account }));
    const api = apiClient(server.url, tokens.access_token ?? undefined);
    const hook = await made(
      api.POST("/api/v1/webhooks", { body: { name: "ERP", url: receiver.url, events: ["customers.*"], active: true } }),
    );
    const customer = await made(api.POST("/api/v1/customers", { body: { name: "晨光商贸", kind: "company" } }));
    const first = await receiver.next();
    const message = /** @type {any} */ (new Webhook(hook.secret).verify(first.body, first.headers));
    assert.equal(message.type, "customers.created");
    assert.equal(message.data.id, customer.id);
    assert.throws(() => new Webhook(hook.secret).verify(`${first.body} `, first.headers));

    const rotated = await made(
      api.POST("/api/v1/webhooks/{id}/rotate-secret", {
        params: { path: { id: hook.id }, header: { "If-Match": `"${hook.version}"` } },
      }),
    );
    await made(api.POST("/api/v1/webhooks/{id}/test", { params: { path: { id: hook.id } } }));
    const second = await receiver.next();
    for (const secret of [hook.secret, rotated.secret]) {
      const ping = /** @type {any} */ (new Webhook(secret).verify(second.body, second.headers));
      assert.equal(ping.type, "webhooks.test");
    }
  } finally {
    receiver.stop();
    await server.stop();
  }
});
