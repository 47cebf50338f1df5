/**
 * A copy of a value, made of what an earlier value has wherever the two are equal, and the earlier value itself where they
 * are equal altogether. So nothing of `next` is in it that its owner may change later, and `===` tells what is new.
 *
 * Objects and arrays are copied; anything else (a Date, a class instance) is handed on as it is. Members that are
 * undefined or functions are left out. Elements with an `id` are compared with those that had it.
 * @param {any} previous
 * @param {any} next
 * @returns {any}
 */
export function share(previous: any, next: any): any;
