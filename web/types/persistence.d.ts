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
export function createPersistence(storage: KeyValueStorage | undefined, key: string): {
    /**
     * @template Result
     * @param {(text: string) => Result} parse
     * @returns {Result | undefined} nothing where there is nothing, or `parse` throws: that is put away then, instead
     *   of being written over
     */
    read<Result>(parse: (text: string) => Result): Result | undefined;
    /**
     * @param {string} text
     * @returns {boolean} whether it is stored
     */
    write: (text: string) => boolean;
    clear: () => void | undefined;
};
/**
 * The copy in the browser's own storage: one text under one key. Storage that is blocked, full or absent is no error:
 * the store then works from memory, and says so.
 */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
