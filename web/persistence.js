import { attempt } from './attempt.js';

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
     */
    // Merely naming localStorage throws where the user has blocked it.
    const ask = (use) => attempt(() => use(storage ?? globalThis.localStorage));
    const itemOf = (/** @type {string} */ name) => ask((storage) => storage.getItem(name));
    const remove = (/** @type {string} */ name) => void ask((storage) => storage.removeItem(name));
    const names = Array.from({ length: MAX_ASIDE }, (_, index) => `${key}:unreadable${index > 0 ? `:${index + 1}` : ''}`);

    /**
     * @param {string} name
     * @param {string} text
     * @returns {boolean} whether it is stored: some storages take what they do not keep
     */
    const store = (name, text) =>
        ask((storage) => {
            storage.setItem(name, text);
            return storage.getItem(name)?.length === text.length;
        }) ?? false;

    return {
        /** @returns {string | undefined} nothing where there is nothing, or it cannot be asked */
        read: (name = key) => itemOf(name) ?? undefined,

        /** @returns {boolean} whether the storage answers, and has nothing */
        isEmpty: () => itemOf(key) === null,

        /** @param {string} text */
        write: (text) => store(key, text),

        /**
         * Puts a text where no release writes over it, and a later one looks.
         * @param {string} text
         * @param {string} [name] where this has been put before
         * @returns {string | undefined} where it is
         */
        setAside(text, name) {
            const place = name ?? names.find((one) => [null, undefined, text].includes(itemOf(one)));
            return place && store(place, text) ? place : undefined;
        },

        /** @returns {{name: string, text: string}[]} */
        aside: () =>
            names.flatMap((name) => {
                const text = itemOf(name);
                return text ? [{ name, text }] : [];
            }),

        remove,

        /** Removes the copy, and those that were set aside. */
        clear: () => [key, ...names].forEach(remove),
    };
}
