import { attempt } from './attempt.js';
import { checkGiven, copy } from './json.js';
import { isObject, omit } from './paths.js';

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
export const MAX_DOUBTS = 3;

/** What is known after an answer, and before any request. */
export const CALM = { failures: 0, retryAt: 0, retryWait: 0 };

/** What is known where nothing is refused. @type {Pick<SyncRecord, 'refused' | 'error'>} */
export const ACCEPTED = { refused: null, error: null };

/**
 * All that was sent and may have arrived, the latest last.
 * @param {SyncRecord} sync
 */
export const unanswered = ({ sent, doubts }) => (sent ? [...doubts, sent] : doubts);

/** A state or record that a newer release of the application has written. */
export class NewerSchemaError extends Error {}

/**
 * How a record's text begins: enough to know it by.
 * @param {Omit<StoredRecord, 'state'>} record
 */
export const headOf = ({ number, by }) => `{"number":${number},"by":"${by}",`;

/**
 * @param {Omit<StoredRecord, 'state'>} record
 * @param {string} state as JSON, which is made once however large it is
 * @param {string} sync likewise
 */
export const textOf = (record, state, sync) =>
    `${headOf(record)}"seen":${JSON.stringify(record.seen)},"stamp":"${record.stamp}","state":${state},"sync":${sync}}`;

/**
 * What a record of whatever release has seen.
 * @param {string | undefined} text
 * @returns {Seen}
 */
export const seenIn = (text) => attempt(() => JSON.parse(text ?? '').seen) ?? {};

/**
 * Understands states of other releases.
 * @param {import('./store.js').StoreOptions<any>} options
 */
export function createReader({ initialState, localPaths = [], schemaVersion = 1, migrate }) {
    const initial = JSON.stringify(initialState);
    const initialShared = JSON.stringify(omit(initialState, localPaths));

    /**
     * @param {State} state
     * @param {number | undefined} from
     * @param {string} complete what a new release adds to the states of older ones
     * @returns {State}
     * @throws where `migrate` throws, or gives what is no state
     */
    function read(state, from, complete) {
        let next = state;
        if (from !== schemaVersion && migrate) {
            next = migrate(copy(state), from);
            checkGiven('migrate', next, !isObject(next));
            // It may give the same object each time.
            next = copy(next);
        }
        return { ...JSON.parse(complete), ...next };
    }

    const reader = {
        schemaVersion,
        initial: () => /** @type {State} */ (JSON.parse(initial)),
        initialShared: () => /** @type {State} */ (JSON.parse(initialShared)),

        /**
         * A state that the server has.
         * @param {State} state
         */
        ofServer: (state) => omit(read(state, undefined, initialShared), localPaths),

        /**
         * A state that was sent, as it is read when it comes back.
         * @param {State} state
         * @returns {State}
         */
        ofReturn: (state) => ({ ...JSON.parse(initialShared), ...state }),

        /**
         * What a tab has stored or told.
         * @param {string} text
         * @returns {StoredRecord}
         * @throws {NewerSchemaError}
         * @throws where it is not what this store writes, or `migrate` throws
         */
        parse(text) {
            const found = JSON.parse(text);
            const { state, sync } = found;
            if (!isObject(state) || !isObject(sync?.base?.state) || !Array.isArray(sync.conflicts)) {
                throw new TypeError('it is not what this store writes');
            }
            const from = sync.schemaVersion;
            if (from > schemaVersion) throw new NewerSchemaError(`it is of schema ${from}, and this release knows ${schemaVersion}`);
            const ofBase = (/** @type {State} */ known) => read(known, from, initialShared);
            const base = { ...sync.base, state: ofBase(sync.base.state) };
            const known = { ...reader.unsynced(), ...sync, base, schemaVersion };
            if (from !== schemaVersion) {
                // What was sent in the old form may be there, but is not sent in this form again.
                known.doubts = unanswered(known).map(({ version, state }) => ({ version, state: ofBase(state) }));
                known.sent = null;
            }
            // A record of 0.1.0 does not count tries.
            if (known.sent) known.sent = { tries: 2, ...known.sent };
            return { ...reader.blank(), ...found, state: read(state, from, initial), sync: known };
        },

        /** @returns {StoredRecord} before anything is edited or restored */
        blank: () => ({ number: 0, by: '', seen: {}, stamp: '', state: reader.initial(), sync: reader.unsynced() }),

        /** @returns {SyncRecord} where nothing is known of the server */
        unsynced: () => ({
            schemaVersion,
            turn: 0,
            base: { version: 0, state: reader.initialShared() },
            sent: null,
            doubts: [],
            ...ACCEPTED,
            ...CALM,
            conflicts: [],
            lastSyncedAt: null,
        }),
    };
    return reader;
}
