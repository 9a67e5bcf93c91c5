// The API as other people's programs use it: a client generated from openapi/openapi.json, so that what the journeys
// arrange through it is checked against the document when the types are checked.

import createClient from "openapi-fetch";

/** @typedef {import("../generated/api.js").paths} Paths */

/**
 * @param {string} url of the server
 * @param {string} [token] access token
 * @returns {import("openapi-fetch").Client<Paths>}
 */
export function apiClient(url, token) {
  return createClient({ baseUrl: url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}
