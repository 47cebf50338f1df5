import { isObject } from './paths.js';

/**
 * The canonical form of JSON values (RFC 8785, "JCS"): the same text for equal values, whatever the order of members.
 */

/**
 * RFC 8785's form of what `JSON.stringify` makes of a value. ECMAScript's spelling of numbers and strings is the one that the
 * RFC prescribes.
 * @param {unknown} value
 * @returns {string | undefined} nothing where JSON has no such value (undefined, a function)
 */
export function canonicalise(value) {
    const text = JSON.stringify(value);
    return text && form(JSON.parse(text));
}

/**
 * @param {any} value
 * @returns {string}
 */
function form(value) {
    if (Array.isArray(value)) return `[${value.map(form)}]`;
    if (!isObject(value)) return JSON.stringify(value);
    // The default order of sort() is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${form(value[name])}`)}}`;
}

/** JSON.stringify escapes half a surrogate pair, which RFC 8785 (and UTF-8) has no form for. */
const LONE_SURROGATE = /\\ud[89a-f]/;

/**
 * Lowercase hex SHA-256 of a state's canonical form: the body's `checksum`.
 * @param {unknown} state
 * @returns {Promise<string | undefined>} nothing where the state has no canonical form, or the page is no secure context
 *   and so has no WebCrypto
 */
export async function checksumOf(state) {
    const subtle = globalThis.crypto?.subtle;
    const text = canonicalise(state) ?? '';
    // An escaped backslash before "ud8…" is a text that only looks like it.
    if (!subtle || LONE_SURROGATE.test(text.replaceAll('\\\\', ''))) return undefined;
    const digest = await subtle.digest('SHA-256', new TextEncoder().encode(text));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
