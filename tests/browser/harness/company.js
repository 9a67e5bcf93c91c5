// A small company with something on every page.

import { confirmedOrder, made } from "./journey.js";

/**
 * Makes its records; answers the addresses of the pages that show them.
 * @param {import("./journey.js").Person} admin
 * @returns {Promise<Record<string, string>>}
 */
export async function company(admin) {
  const { api } = admin;
  const level = await made(
    api.POST("/api/v1/custom-fields", {
      body: {
        record: "customers",
        key: "service_level",
        kind: "choice",
        label_zh: "服务级别",
        label_en: "Service level as the contract says",
        help_en: "Decides how fast somebody answers.",
        required: false,
        choices: [
          { code: "gold", label_zh: "金牌", label_en: "Gold", active: true },
          { code: "silver", label_zh: "银牌", label_en: "Silver", active: true },
        ],
      },
    }),
  );
  const customer = await made(
    api.POST("/api/v1/customers", {
      body: {
        name: "上海远景国际贸易有限责任公司 Shanghai Vision International Trading Company Limited",
        kind: "company",
        stage: "active",
        tier: "strategic",
        phone: "+86 21 6000 1234",
        email: "a-rather-long-address@international-trading.example.com",
        website: "https://www.international-trading.example.com/a/rather/long/address/without/any/break",
        tags: ["wholesale", "tea", "prepaid"],
        note: "Calls back on Thursdays.",
        custom: { service_level: "gold" },
      },
    }),
  );
  const contact = await made(
    api.POST("/api/v1/contacts", {
      body: { customer_id: customer.id, name: "王小明", email: "wang@international-trading.example.com" },
    }),
  );
  const product = await made(
    api.POST("/api/v1/products", {
      body: { sku: "TEA-OOLONG-2026-500G", name: "乌龙茶", name_en: "Oolong tea", unit: "kg", list_price: "128.5" },
    }),
  );
  const order = await made(
    api.POST("/api/v1/orders", {
      body: {
        customer_id: customer.id,
        contact_id: contact.id,
        lines: [
          { product_id: product.id, quantity: "12.5", discount: 1000 },
          { description: "Delivery by refrigerated lorry, Shanghai to Hamburg", quantity: "1", unit_price: "98765432.1", discount: 0 },
        ],
      },
    }),
  );
  const ticket = await made(
    api.POST("/api/v1/tickets", {
      body: { customer_id: customer.id, order_id: order.id, subject: "Two boxes arrived open", kind: "complaint" },
    }),
  );
  await made(
    api.POST("/api/v1/tickets/{id}/comments", {
      params: { path: { id: ticket.id } },
      body: { body: "We send two new boxes today.", public: true },
    }),
  );
  await confirmedOrder(admin, customer.id, "4321.50");
  const settings = { measure: /** @type {const} */ ("sales"), from: null, to: null, a_share: 7500, b_share: 9500 };
  await made(api.POST("/api/v1/value-runs", { body: { settings } }));
  return {
    customers: "/customers",
    customer: `/customers/${customer.id}`,
    "customer-contacts": `/customers/${customer.id}?tab=contacts`,
    "customer-form": `/customers/${customer.id}/edit`,
    contacts: "/contacts",
    orders: "/orders",
    order: `/orders/${order.id}`,
    "order-form": `/orders/${order.id}/edit`,
    products: "/products",
    product: `/products/${product.id}`,
    tickets: "/tickets",
    ticket: `/tickets/${ticket.id}`,
    account: "/account",
    home: "/",
    value: "/value",
    imports: "/imports",
    users: "/users",
    user: `/users/${admin.id}`,
    departments: "/departments",
    roles: "/roles",
    settings: "/settings",
    audit: "/audit",
    "custom-fields": "/custom-fields",
    "custom-field": `/custom-fields/${level.id}`,
    dictionaries: "/dictionaries",
    webhooks: "/webhooks",
    jobs: "/jobs",
  };
}
