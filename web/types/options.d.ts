/** @param {import('./store.js').StoreOptions<any>} options */
export function checkStoreOptions(options: import('./store.js').StoreOptions<any>): void;
export function isCount(value: any): boolean;
export function checkClientOptions(options: import('./client.js').ClientOptions): void;
/**
 * whether an option is right, and what it must be
 */
export type Rule = [(value: any) => unknown, string];
/**
 * Looks at what an application gives, before anything is made of it.
 */
export type Rules = Record<string, [(value: any) => unknown, string]>;
