/** The last states that a tab knows. */
export function createTrail(): {
    clear: () => undefined;
    /**
     * @param {Omit<StoredRecord, 'state'>} record
     * @param {string} text its state as JSON
     */
    add({ seen, sync }: Omit<StoredRecord, 'state'>, text: string): void;
    all: () => Trace[];
    /**
     * The latest of them with nothing that these edits have not.
     * @param {import('./seen.js').Seen} seen
     */
    before: (seen: import('./seen.js').Seen) => Trace | undefined;
};
/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {Trace | undefined} common what both have started from
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine: StoredRecord, theirs: StoredRecord, common: Trace | undefined, { conflictPolicy, localPaths, initialState }: import('./store.js').StoreOptions<any>): StoredRecord;
/**
 * What becomes of this tab's record when it hears of another one.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail the last states that this tab knows
 * @param {{tab: string, isSettled: () => boolean, options: import('./store.js').StoreOptions<any>}} self `isSettled`: the
 *   server has all that this one has
 * @returns {{record: StoredRecord, isMerged: boolean} | undefined} nothing where it stays
 */
export function afterHearing(mine: StoredRecord, theirs: StoredRecord, trail: readonly Trace[], { tab, isSettled, options }: {
    tab: string;
    isSettled: () => boolean;
    options: import('./store.js').StoreOptions<any>;
}): {
    record: StoredRecord;
    isMerged: boolean;
} | undefined;
/**
 * Makes one of two records that tabs have written.
 */
export type State = import('./paths.js').State;
/**
 * Makes one of two records that tabs have written.
 */
export type StoredRecord = import('./record.js').StoredRecord;
/**
 * Makes one of two records that tabs have written.
 */
export type SyncRecord = import('./record.js').SyncRecord;
/**
 * a state that a tab has had
 */
export type Trace = {
    /**
     * the edits that it has
     */
    seen: import('./seen.js').Seen;
    /**
     * it, as JSON
     */
    text: string;
    /**
     * what was known of the server then
     */
    base: import('./record.js').Base;
    /**
     * of what was sent last, or else of that
     */
    version: number;
    /**
     * likewise
     */
    lastModified?: string | undefined;
};
