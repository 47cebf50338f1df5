/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./reconcile.js').Version} Version
 * @typedef {import('./reconcile.js').ConflictItem} ConflictItem
 *
 * @typedef {object} Conflict what was lost when two sides had changed the same places
 * @property {string} id
 * @property {number} at ms since 1970
 * @property {ConflictItem[]} items
 *
 * @typedef {object} SyncRecord what is known of the server
 * @property {number} schemaVersion of the state beside it
 * @property {Version} base what was synced last; without `etag`, nothing was
 * @property {Version | null} sent what was sent, as long as it is not known whether it arrived; `etag` is its
 *   precondition
 * @property {Conflict[]} conflicts
 * @property {number | null} lastSyncedAt ms since 1970
 *
 * @typedef {{stamp: string, state: State, sync: SyncRecord}} StoredRecord what the browser's storage holds; `stamp` is when
 *   and where the state was edited last
 */
/**
 * Reads what an earlier page has stored, in an earlier schema perhaps.
 * @param {string} text
 * @param {number} schemaVersion
 * @param {(state: any, from: number | undefined) => State} migrate
 * @returns {StoredRecord}
 * @throws where it is not what this store writes, or `migrate` throws
 */
export function parseRecord(text: string, schemaVersion: number, migrate: (state: any, from: number | undefined) => State): StoredRecord;
export type State = import('./paths.js').State;
export type Version = import('./reconcile.js').Version;
export type ConflictItem = import('./reconcile.js').ConflictItem;
/**
 * what was lost when two sides had changed the same places
 */
export type Conflict = {
    id: string;
    /**
     * ms since 1970
     */
    at: number;
    items: ConflictItem[];
};
/**
 * what is known of the server
 */
export type SyncRecord = {
    /**
     * of the state beside it
     */
    schemaVersion: number;
    /**
     * what was synced last; without `etag`, nothing was
     */
    base: Version;
    /**
     * what was sent, as long as it is not known whether it arrived; `etag` is its
     * precondition
     */
    sent: Version | null;
    conflicts: Conflict[];
    /**
     * ms since 1970
     */
    lastSyncedAt: number | null;
};
/**
 * what the browser's storage holds; `stamp` is when
 * and where the state was edited last
 */
export type StoredRecord = {
    stamp: string;
    state: State;
    sync: SyncRecord;
};
