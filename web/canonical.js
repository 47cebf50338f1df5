/**
 * The canonical form of JSON values (RFC 8785, "JCS"): the same text for equal values, whatever the order of members.
 */

/**
 * RFC 8785's form of a value. ECMAScript's spelling of numbers and strings is the one that the RFC prescribes. Members
 * whose value is `undefined` are left out, and `toJSON` is followed, as by `JSON.stringify`.
 * @param {unknown} value
 * @returns {string | undefined} nothing where JSON has no such value (undefined, a function)
 */
export function canonicalise(value) {
    const plain = /** @type {any} */ (value);
    if (typeof plain?.toJSON === 'function') return canonicalise(plain.toJSON());
    if (Array.isArray(plain)) return `[${plain.map((element) => canonicalise(element) ?? 'null').join()}]`;
    if (plain === null || typeof plain !== 'object') return JSON.stringify(plain);
    const members = [];
    // The default order of sort() is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
    for (const name of Object.keys(plain).sort()) {
        const form = canonicalise(plain[name]);
        if (form !== undefined) members.push(`${JSON.stringify(name)}:${form}`);
    }
    return `{${members.join()}}`;
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
    const form = canonicalise(state) ?? '';
    // An escaped backslash before "ud8…" is a text that only looks like it.
    if (!subtle || LONE_SURROGATE.test(form.replaceAll('\\\\', ''))) return undefined;
    const digest = await subtle.digest('SHA-256', new TextEncoder().encode(form));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
