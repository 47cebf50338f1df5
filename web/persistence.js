/**
 * The copy in the browser's own storage: one text under one key, and beside it those that were set aside. Storage that is
 * blocked, full or absent is no error: the store then works from memory, and says so.
 *
 * @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} KeyValueStorage
 * @typedef {ReturnType<typeof createPersistence>} Persistence
 */

/** Each release that cannot read the copy of the one before sets one aside. */
const MAX_ASIDE = 16;

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
    const names = Array.from({ length: MAX_ASIDE }, (_, index) => `${key}:unreadable${index > 0 ? `:${index + 1}` : ''}`);

    /**
     * @param {string} name
     * @param {string} text
     * @returns {boolean} whether it is stored: some storages take what they do not keep
     */
    const store = (name, text) =>
        attempt((storage) => {
            storage.setItem(name, text);
            return storage.getItem(name)?.length === text.length;
        }) ?? false;

    return {
        /** @returns {string | undefined} nothing where there is nothing, or it cannot be asked */
        read: () => attempt((storage) => storage.getItem(key)) ?? undefined,

        /** @returns {boolean} whether the storage answers, and has nothing */
        isEmpty: () => attempt((storage) => storage.getItem(key) === null) ?? false,

        /** @param {string} text */
        write: (text) => store(key, text),

        /**
         * Puts a text where no release writes over it, and a later one looks.
         * @param {string} text
         * @param {string} [name] where this has been put before
         * @returns {string | undefined} where it is
         */
        setAside(text, name) {
            const place = name ?? names.find((one) => [null, text].includes(attempt((storage) => storage.getItem(one)) ?? null));
            return place && store(place, text) ? place : undefined;
        },

        /** @returns {{name: string, text: string}[]} */
        aside: () =>
            names.flatMap((name) => {
                const text = attempt((storage) => storage.getItem(name));
                return text ? [{ name, text }] : [];
            }),

        /** @param {string} name */
        remove: (name) => void attempt((storage) => storage.removeItem(name)),

        /** Removes the copy, and those that were set aside. */
        clear() {
            for (const name of [key, ...names]) attempt((storage) => storage.removeItem(name));
        },
    };
}
