/**
 * Lowercase hex SHA-256 of a state's canonical form: the body's `checksum`.
 * @param {unknown} state
 * @returns {Promise<string | undefined>} nothing where the state has no canonical form, or the page is no secure context
 *   and so has no WebCrypto
 */
export function checksumOf(state: unknown): Promise<string | undefined>;
export function canonicalise(value: unknown): string;
