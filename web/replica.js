import { canonicalise, same } from './canonical.js';
import { merge } from './merge.js';
import { graft, isObject, omit, pick } from './paths.js';
import { createPersistence } from './persistence.js';
import { parseRecord } from './record.js';
import { createTabs } from './tabs.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {'cleared' | 'kept'} SignOut whether the copy in the browser's storage went with the session
 *
 * @typedef {object} Message what a tab tells the others
 * @property {string} from its state before, as JSON
 * @property {string} to its state now
 * @property {SyncRecord} [sync] what it learned from the server
 * @property {string} stamp
 * @property {SignOut} [signedOut]
 *
 * @typedef {ReturnType<typeof createReplica>} Replica
 */

/**
 * This tab's copy of the dashboard, and what is known of the server's. It is in memory; the browser's storage and the
 * other tabs follow it.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {{changed: () => void, followed: (hasSynced: boolean) => void, signedOut: () => void}} on `followed`: another tab
 *   has changed something; `signedOut`: it has ended the session
 */
export function createReplica(options, on) {
    const { initialState, localPaths = [], schemaVersion = 1, migrate = (/** @type {any} */ state) => state } = options;
    const { significantPaths = ['widgets', 'activeProject', 'activeTasks'], namespace = 'dashboard-state' } = options;
    const key = [namespace, options.user, options.workspace].map(encodeURIComponent).join(':');
    const persistence = createPersistence(options.storage, key);
    const tabs = createTabs(key, receive);
    const tab = Math.random();

    /** @type {State} */
    let state;
    /** @type {SyncRecord} */
    let sync;
    // Both as they were stored last: nothing that the application does to its objects reaches these.
    let stateText = '';
    let syncText = '';
    /** When the state was edited last, in ms since 1970, and in which tab: decides between two tabs. */
    let stamp = '';
    let isOpen = true;
    let isPersisted = true;

    const shared = (from = state) => /** @type {State} */ (JSON.parse(JSON.stringify(omit(from, localPaths))));
    const significant = (from = state) => canonicalise(pick(omit(from, localPaths), significantPaths));

    /** @param {import('./record.js').StoredRecord} record */
    function take(record) {
        ({ state, sync, stamp } = record);
        stateText = JSON.stringify(state);
        syncText = JSON.stringify(sync);
    }

    function reset() {
        const base = { version: 0, state: shared(initialState) };
        take({ stamp: '', state: initialState, sync: { schemaVersion, base, sent: null, conflicts: [], lastSyncedAt: null } });
    }

    function load() {
        reset();
        const record = persistence.read((text) => parseRecord(text, schemaVersion, migrate));
        if (record) take(record);
    }

    function persist() {
        if (isOpen) isPersisted = persistence.write(`{"stamp":"${stamp}","state":${stateText},"sync":${syncText}}`);
    }

    /**
     * The one place where this tab changes anything.
     * @param {Partial<SyncRecord> | undefined} changes
     * @param {State} [next]
     */
    function commit(changes, next) {
        const from = stateText;
        if (next) {
            stateText = JSON.stringify(next);
            state = next;
        }
        if (changes) {
            sync = { ...sync, ...changes };
            syncText = JSON.stringify(sync);
        }
        persist();
        tabs.post({ from, to: stateText, sync: changes && sync, stamp });
        on.changed();
    }

    /** @param {Message} message */
    function receive(message) {
        if (!isOpen) return;
        if (message.signedOut) {
            close(message.signedOut);
            on.signedOut();
            return;
        }
        const [from, to] = [JSON.parse(message.from), JSON.parse(message.to)];
        const theirsWin = message.stamp > stamp;
        const merged = merge(from, state, to, ({ local, remote }) => (theirsWin ? remote : local));
        take({
            state: same(merged, state) ? state : merged,
            sync: message.sync ?? sync,
            stamp: theirsWin ? message.stamp : stamp,
        });
        // The other tab has stored what it has.
        if (stateText !== message.to) persist();
        on.changed();
        on.followed(message.sync !== undefined);
    }

    /** @param {SignOut} what */
    function close(what) {
        isOpen = false;
        if (what === 'cleared') persistence.clear();
        reset();
        on.changed();
    }

    load();
    return {
        state: () => state,
        sync: () => sync,
        /** When the state was edited last, as the service wants it. */
        lastModified: () => new Date(parseInt(stamp, 10) || Date.now()).toISOString(),
        isPersisted: () => isPersisted,
        migrate,
        commit,
        exclusively: tabs.exclusively,

        /** A copy of the state as it is sent: without the paths that stay here. */
        shared: () => shared(),
        /** What {@link shared} gives before any edit. */
        initial: shared(initialState),
        /** Whether something is to be sent that is worth it. */
        isDirty: () => significant() !== significant(sync.base.state),
        /** Whether anything at all is to be sent. */
        isChanged: () => !same(shared(), sync.base.state),

        /**
         * A state from elsewhere, with what stays on this device.
         * @param {State} from
         */
        localised: (from) => graft(JSON.parse(JSON.stringify(from)), state, localPaths),

        /**
         * Takes a change of the user's.
         * @param {State} next
         * @param {Partial<SyncRecord>} [changes]
         * @returns {boolean} whether it is significant
         * @throws {TypeError} where it is no object, or cannot be JSON
         */
        edit(next, changes) {
            if (!isObject(next)) throw new TypeError('state must be an object');
            if (!changes && JSON.stringify(next) === stateText) return false;
            const before = significant(JSON.parse(stateText));
            stamp = `${Date.now()} ${tab}`;
            commit(changes, next);
            return significant() !== before;
        },

        /** Begins anew after a sign-out. */
        open() {
            if (isOpen) return;
            isOpen = true;
            load();
            on.changed();
        },

        /**
         * Ends the session, in the other tabs too.
         * @param {SignOut} what
         */
        signOut(what) {
            tabs.post({ signedOut: what });
            close(what);
        },

        destroy() {
            isOpen = false;
            tabs.close();
        },
    };
}
