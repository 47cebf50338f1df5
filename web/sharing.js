import { isPlain } from './json.js';
import { byId, isObject, member } from './paths.js';

/**
 * The members that count: JSON leaves out the others.
 * @param {any} object
 */
const names = (object) =>
    Object.keys(object).filter((name) => object[name] !== undefined && typeof object[name] !== 'function');

/**
 * As JSON has them: NaN is one value, and so is zero.
 * @param {any} a
 * @param {any} b
 */
const isIdentical = (a, b) => a === b || Object.is(a, b);

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
export function share(previous, next) {
    if (next === previous) return previous;
    if (Array.isArray(next)) {
        const old = Array.isArray(previous) ? previous : [];
        const known = byId(old);
        const copy = next.map((element, index) => share(known?.get(element?.id) ?? old[index], element));
        const isSame = old === previous && old.length === copy.length && copy.every((element, index) => isIdentical(element, old[index]));
        return isSame ? old : copy;
    }
    if (!isObject(next) || !isPlain(next)) return next;
    const old = isObject(previous) && isPlain(previous) ? previous : {};
    let isSame = old === previous;
    const members = names(next).map((name) => {
        const before = member(old, name);
        const value = share(before, next[name]);
        isSame &&= isIdentical(before, value);
        return [name, value];
    });
    return isSame && names(old).length === members.length ? old : Object.fromEntries(members);
}
