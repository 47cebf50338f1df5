/**
 * The copy in the browser's own storage: one text under one key. Storage that is blocked, full or absent is no error:
 * the store then works from memory, and says so.
 *
 * @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} KeyValueStorage
 */

/**
 * @param {KeyValueStorage | undefined} storage `localStorage` unless given
 * @param {string} key
 */
export function createPersistence(storage, key) {
    /**
     * @template Result
     * @param {(storage: KeyValueStorage) => Result} use
     * @returns {Result | undefined} nothing where it fails
     */
    const attempt = (use) => {
        try {
            // Merely naming localStorage throws where the user has blocked it.
            return use(storage ?? globalThis.localStorage);
        } catch {
            return undefined;
        }
    };
    return {
        /**
         * @template Result
         * @param {(text: string) => Result} parse
         * @returns {Result | undefined} nothing where there is nothing, or `parse` throws: that is put away then, instead
         *   of being written over
         */
        read(parse) {
            const text = attempt((storage) => storage.getItem(key));
            try {
                return text ? parse(text) : undefined;
            } catch {
                attempt((storage) => storage.setItem(`${key}:unreadable`, String(text)));
            }
        },
        /**
         * @param {string} text
         * @returns {boolean} whether it is stored
         */
        write: (text) => attempt((storage) => (storage.setItem(key, text), true)) ?? false,
        clear: () => attempt((storage) => storage.removeItem(key)),
    };
}
