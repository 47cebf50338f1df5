/**
 * JSON values: what they may hold, and when two of them are the same.
 */

/** How deep a state may be nested: the service takes 128 levels, and a circular one has no end. */
const MAX_DEPTH = 500;

/** @param {object} value @returns {boolean} whether it is what `{}` and `JSON.parse` make, of this page or another one */
export function isPlain(value) {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const propertyOf = Object.getOwnPropertyDescriptor;

/**
 * Refuses what JSON would store as something else: a Map, a Date or an instance of a class, functions, NaN, arrays with holes
 * or with members of their own, names that are symbols, getters. A member that is `undefined` counts as absent.
 * @param {unknown} value
 * @param {string} what its name in the message
 * @throws {TypeError}
 */
export function checkJson(value, what) {
    /** @type {(string | number)[]} the names that lead to what is looked at */
    const place = [what];

    /** @param {string} kind */
    function refuse(kind) {
        throw new TypeError(`${place.slice(0, 9).join('.')} is ${kind}, which JSON cannot keep`);
    }

    /** @param {any} value */
    function check(value) {
        if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
        if (value === undefined || typeof value === 'number') refuse(String(value));
        if (typeof value !== 'object') refuse(`a ${typeof value}`);
        if (place.length > MAX_DEPTH) refuse('nested too deeply, or circular');
        const isArray = Array.isArray(value);
        if (!isArray && !isPlain(value)) refuse(`a ${value.constructor?.name ?? 'class instance'}`);
        const names = Object.keys(value);
        if (isArray && names.length !== value.length) refuse('an array with holes or names');
        // What cannot be enumerated is not looked at: frameworks keep something of their own there.
        if (Object.getOwnPropertySymbols(value).some((symbol) => propertyOf(value, symbol)?.enumerable)) refuse('an object with symbols');
        for (const name of isArray ? value.keys() : names) {
            place.push(name);
            // Frameworks keep a value that can be changed behind a getter and a setter. Behind a getter alone is what follows
            // from others. Elements are not looked at: the look costs more than all the rest, and arrays have no getters.
            const property = isArray ? undefined : propertyOf(value, name);
            if (property?.get && !property.set) refuse('a getter');
            const member = value[name];
            if (isArray || member !== undefined) check(member);
            place.pop();
        }
    }

    check(value);
}

/**
 * Looks at what a function of the application's gave.
 * @param {string} name the function's
 * @param {any} value
 * @param {boolean} isMissing it ought to have given something else
 * @throws {TypeError}
 */
export function checkGiven(name, value, isMissing) {
    const what = `what ${name} gave`;
    if (typeof value?.then === 'function') throw new TypeError(`${what} is a promise: it must give the value at once`);
    if (isMissing) throw new TypeError(`${what} is of no use: is a return missing?`);
    if (value !== undefined) checkJson(value, what);
}

/**
 * Whether two JSON values are the same, whatever the order of their members.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function equal(a, b) {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Array.isArray(a)) {
        if (!Array.isArray(b) || a.length !== b.length) return false;
        for (let index = 0; index < a.length; index += 1) if (!equal(a[index], b[index])) return false;
        return true;
    }
    if (Array.isArray(b)) return false;
    let members = 0;
    for (const name of Object.keys(a)) {
        if (a[name] === undefined) continue;
        if (!Object.hasOwn(b, name) || !equal(a[name], b[name])) return false;
        members += 1;
    }
    for (const name of Object.keys(b)) if (b[name] !== undefined) members -= 1;
    return members === 0;
}

/**
 * A copy that shares nothing.
 * @template Value
 * @param {Value} value
 * @returns {Value}
 */
export const copy = (value) => JSON.parse(JSON.stringify(value));
