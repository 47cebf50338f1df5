/** @param {import('./store.js').StoreOptions<any>} options */
export function checkStoreOptions(options: import('./store.js').StoreOptions<any>): void;
export function checkClientOptions(options: import('./client.js').ClientOptions): void;
/**
 * whether an option is right, and what it must be
 */
export type Rule = [(value: any) => boolean, string];
