/**
 * Understands states of other releases.
 * @param {import('./store.js').StoreOptions<any>} options
 */
export function createReader({ initialState, localPaths, schemaVersion, migrate }: import('./store.js').StoreOptions<any>): {
    schemaVersion: number;
    initial: () => import("./paths.js").State;
    initialShared: () => import("./paths.js").State;
    /**
     * A state that the server has.
     * @param {State} state
     */
    ofServer: (state: State) => import("./paths.js").State;
    /**
     * A state that was sent, as it is read when it comes back.
     * @param {State} state
     * @returns {State}
     */
    ofReturn: (state: State) => State;
    /**
     * What a tab has stored or told.
     * @param {string} text
     * @returns {StoredRecord}
     * @throws {NewerSchemaError}
     * @throws where it is not what this store writes, or `migrate` throws
     */
    parse(text: string): StoredRecord;
    /** @returns {StoredRecord} before anything is edited or restored */
    blank: () => StoredRecord;
    /** @returns {SyncRecord} where nothing is known of the server */
    unsynced: () => SyncRecord;
};
/**
 * What the browser's storage holds, and the tabs tell each other.
 *
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./reconcile.js').Version} Version
 * @typedef {import('./reconcile.js').ConflictItem} ConflictItem
 * @typedef {import('./seen.js').Seen} Seen
 *
 * @typedef {object} Conflict what was lost when two sides had changed the same places
 * @property {string} id
 * @property {number} at ms since 1970
 * @property {ConflictItem[]} items
 *
 * @typedef {object} SyncError
 * @property {'unavailable' | 'rejected' | 'failed' | 'outdated'} kind `unavailable`: it will be tried again; `rejected`: not
 *   before the next change or sign-in, see `httpStatus`; `failed`: a function of the application's has thrown, or has given
 *   what it must not; `outdated`: a newer release of the application has taken over, and this page is to be loaded anew
 * @property {string} message
 * @property {number} [httpStatus]
 * @property {string} [type] the problem's, such as `urn:problem-type:dashboard-state:body-too-large`
 * @property {number} [retryAt] ms since 1970
 *
 * @typedef {Version & {isGone?: boolean}} Base what was synced last; without `etag`, nothing was. `isGone`: the server has
 *   lost it since
 * @typedef {Version & {tries: number}} Sent `etag` is its precondition
 *
 * @typedef {object} SyncRecord what is known of the server
 * @property {number} schemaVersion of the state beside it
 * @property {number} turn how often something was sent or learned: an answer counts only in the turn of its request
 * @property {Base} base
 * @property {Sent | null} sent what was sent, as long as it is not known whether it arrived
 * @property {{version: number, state: State}[]} doubts what was sent before that, and may have arrived, but is not sent again
 * @property {'session' | 'state' | null} refused what has to change before more is sent: who is signed in, or the state
 * @property {SyncError | null} error
 * @property {number} failures how many requests in a row had no answer
 * @property {number} retryAt ms since 1970; 0 where nothing has to be waited for
 * @property {number} retryWait ms that the wait takes in all
 * @property {Conflict[]} conflicts
 * @property {number | null} lastSyncedAt ms since 1970
 *
 * @typedef {object} StoredRecord
 * @property {number} number only grows
 * @property {string} by the tab that wrote it
 * @property {Seen} seen
 * @property {string} stamp when and where the state was edited last
 * @property {State} state
 * @property {SyncRecord} sync
 */
/** Each was refused as it was tried again; more than a few come of nothing but a server that is out of its mind. */
export const MAX_DOUBTS: 3;
export namespace CALM {
    const failures: number;
    const retryAt: number;
    const retryWait: number;
}
export namespace ACCEPTED {
    const refused: null;
    const error: null;
}
export function unanswered({ sent, doubts }: SyncRecord): {
    version: number;
    state: State;
}[];
/** A state or record that a newer release of the application has written. */
export class NewerSchemaError extends Error {
}
export function headOf({ number, by }: Omit<StoredRecord, 'state'>): string;
export function textOf(record: Omit<StoredRecord, 'state'>, state: string, sync: string): string;
export function seenIn(text: string | undefined): Seen;
/**
 * What the browser's storage holds, and the tabs tell each other.
 */
export type State = import('./paths.js').State;
/**
 * What the browser's storage holds, and the tabs tell each other.
 */
export type Version = import('./reconcile.js').Version;
/**
 * What the browser's storage holds, and the tabs tell each other.
 */
export type ConflictItem = import('./reconcile.js').ConflictItem;
/**
 * What the browser's storage holds, and the tabs tell each other.
 */
export type Seen = import('./seen.js').Seen;
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
 * What the browser's storage holds, and the tabs tell each other.
 */
export type SyncError = {
    /**
     * `unavailable`: it will be tried again; `rejected`: not
     * before the next change or sign-in, see `httpStatus`; `failed`: a function of the application's has thrown, or has given
     * what it must not; `outdated`: a newer release of the application has taken over, and this page is to be loaded anew
     */
    kind: 'unavailable' | 'rejected' | 'failed' | 'outdated';
    message: string;
    httpStatus?: number | undefined;
    /**
     * the problem's, such as `urn:problem-type:dashboard-state:body-too-large`
     */
    type?: string | undefined;
    /**
     * ms since 1970
     */
    retryAt?: number | undefined;
};
/**
 * what was synced last; without `etag`, nothing was. `isGone`: the server has
 * lost it since
 */
export type Base = Version & {
    isGone?: boolean;
};
/**
 * `etag` is its precondition
 */
export type Sent = Version & {
    tries: number;
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
     * how often something was sent or learned: an answer counts only in the turn of its request
     */
    turn: number;
    base: Base;
    /**
     * what was sent, as long as it is not known whether it arrived
     */
    sent: Sent | null;
    /**
     * what was sent before that, and may have arrived, but is not sent again
     */
    doubts: {
        version: number;
        state: State;
    }[];
    /**
     * what has to change before more is sent: who is signed in, or the state
     */
    refused: 'session' | 'state' | null;
    error: SyncError | null;
    /**
     * how many requests in a row had no answer
     */
    failures: number;
    /**
     * ms since 1970; 0 where nothing has to be waited for
     */
    retryAt: number;
    /**
     * ms that the wait takes in all
     */
    retryWait: number;
    conflicts: Conflict[];
    /**
     * ms since 1970
     */
    lastSyncedAt: number | null;
};
/**
 * What the browser's storage holds, and the tabs tell each other.
 */
export type StoredRecord = {
    /**
     * only grows
     */
    number: number;
    /**
     * the tab that wrote it
     */
    by: string;
    seen: Seen;
    /**
     * when and where the state was edited last
     */
    stamp: string;
    state: State;
    sync: SyncRecord;
};
