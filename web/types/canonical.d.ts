/**
 * The canonical form of JSON values (RFC 8785, "JCS"): the same text for equal values, whatever the order of members.
 */
/**
 * RFC 8785's form of what `JSON.stringify` makes of a value. ECMAScript's spelling of numbers and strings is the one that the
 * RFC prescribes.
 * @param {unknown} value
 * @returns {string | undefined} nothing where JSON has no such value (undefined, a function)
 */
export function canonicalise(value: unknown): string | undefined;
/**
 * Lowercase hex SHA-256 of a state's canonical form: the body's `checksum`.
 * @param {unknown} state
 * @returns {Promise<string | undefined>} nothing where the state has no canonical form, or the page is no secure context
 *   and so has no WebCrypto
 */
export function checksumOf(state: unknown): Promise<string | undefined>;
