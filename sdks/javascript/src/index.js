import { Client } from "./client.js";

/** Begin measuring this page. @param {import("../tributary.js").Options} options */
export const init = (options) => new Client(options);
