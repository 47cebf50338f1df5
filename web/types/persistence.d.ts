/**
 * @param {KeyValueStorage | undefined} storage `localStorage` unless given
 * @param {string} key
 */
export function createPersistence(storage: KeyValueStorage | undefined, key: string): {
    /** @returns {string | undefined} nothing where there is nothing, or it cannot be asked */
    read: (name?: string) => string | undefined;
    /** @returns {boolean} whether the storage answers, and has nothing */
    isEmpty: () => boolean;
    /** @param {string} text */
    write: (text: string) => boolean;
    /**
     * Puts a text where no release writes over it, and a later one looks.
     * @param {string} text
     * @param {string} [name] where this has been put before
     * @returns {string | undefined} where it is
     */
    setAside(text: string, name?: string | undefined): string | undefined;
    /** @returns {{name: string, text: string}[]} */
    aside: () => {
        name: string;
        text: string;
    }[];
    remove: (name: string) => undefined;
    /** Removes the copy, and those that were set aside. */
    clear: () => void;
};
/**
 * The copy in the browser's own storage: one text under one key, and beside it those that were set aside. Storage that is
 * blocked, full or absent is no error: the store then works from memory, and says so.
 */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
/**
 * The copy in the browser's own storage: one text under one key, and beside it those that were set aside. Storage that is
 * blocked, full or absent is no error: the store then works from memory, and says so.
 */
export type Persistence = ReturnType<typeof createPersistence>;
