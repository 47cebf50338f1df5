/** @param {import('./store.js').StoreOptions<any>} options */
export function checkStoreOptions(options: import('./store.js').StoreOptions<any>): void;
export function isCount(value: any): boolean;
export function checkClientOptions(options: import('./client.js').ClientOptions): void;
/**
 * whether an option is right, what it
 *   must be, and whether it may not be left out
 */
export type Rule = [isRight: (value: any) => unknown, what: string, isNeeded?: boolean | undefined];
/**
 * Looks at what an application gives, before anything is made of it.
 */
export type Rules = Record<string, [isRight: (value: any) => unknown, what: string, isNeeded?: boolean | undefined]>;
