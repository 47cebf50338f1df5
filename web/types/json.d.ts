/** @param {object} value @returns {boolean} whether it is what `{}` and `JSON.parse` make, of this page or another one */
export function isPlain(value: object): boolean;
/**
 * Refuses what JSON would store as something else: a Map, a Date or an instance of a class, functions, NaN. A member that
 * is `undefined` counts as absent.
 * @param {unknown} value
 * @param {string} what its name in the message
 * @throws {TypeError}
 */
export function checkJson(value: unknown, what: string): void;
/**
 * Whether two JSON values are the same, whatever the order of their members.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function equal(a: any, b: any): boolean;
export function copy<Value>(value: Value): Value;
