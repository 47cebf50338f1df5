import { isObject } from './paths.js';

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
export function parseRecord(text, schemaVersion, migrate) {
    const record = JSON.parse(text);
    const { state, sync } = record;
    if (!isObject(state) || !isObject(sync?.base?.state) || !Array.isArray(sync.conflicts)) throw new TypeError();
    if (sync.schemaVersion === schemaVersion) return record;
    const base = { ...sync.base, state: migrate(sync.base.state, sync.schemaVersion) };
    return { ...record, state: migrate(state, sync.schemaVersion), sync: { ...sync, base, schemaVersion } };
}
