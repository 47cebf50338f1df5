/** @param {object} value @returns {boolean} whether it is what `{}` and `JSON.parse` make, of this page or another one */
export function isPlain(value: object): boolean;
/**
 * Refuses what JSON would store as something else: a Map, a Date or an instance of a class, functions, NaN, arrays with holes
 * or with members of their own, names that are symbols, getters. A member that is `undefined` counts as absent.
 * @param {unknown} value
 * @param {string} what its name in the message
 * @throws {TypeError}
 */
export function checkJson(value: unknown, what: string): void;
/**
 * Looks at what a function of the application's gave.
 * @param {string} name the function's
 * @param {any} value
 * @param {boolean} isMissing it ought to have given something else
 * @throws {TypeError}
 */
export function checkGiven(name: string, value: any, isMissing: boolean): void;
/**
 * Whether two JSON values are the same, whatever the order of their members.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function equal(a: any, b: any): boolean;
export function copy<Value>(value: Value): Value;
