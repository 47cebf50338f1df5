/**
 * @param {import('./client.js').ClientOptions} options
 * @throws {TypeError}
 */
export function checkClientOptions(options: import('./client.js').ClientOptions): void;
/**
 * @param {import('./store.js').StoreOptions<any>} options
 * @throws {TypeError}
 */
export function checkStoreOptions(options: import('./store.js').StoreOptions<any>): void;
