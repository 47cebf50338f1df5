import { checkJson, copy } from './json.js';
import { isObject } from './paths.js';
import { mergeEdits } from './reconcile.js';
import { createSharedRecord } from './shared-record.js';
import { createSignificance } from './significance.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {ReturnType<typeof createReplica>} Replica
 */

/**
 * This tab's copy of the dashboard, and the edits of its user.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {Parameters<typeof createSharedRecord>[2]} on
 */
export function createReplica(options, on) {
    const significance = createSignificance(options);
    const shared = createSharedRecord(options, significance, on);
    /** What was last found out about a record: it takes a while for a large one. */
    let known = { record: shared.record(), isDirty: false };

    return {
        ...shared,
        state: () => shared.record().state,
        sync: () => shared.record().sync,
        /** When the state was edited last, as the service wants it. */
        lastModified: () => new Date(parseInt(shared.record().stamp, 10) || Date.now()).toISOString(),
        /** A copy of the state as it is sent: without the paths that stay here. */
        shared: () => copy(shared.shared()),

        /** Whether something is to be sent that is worth it. */
        isDirty() {
            const record = shared.record();
            if (known.record !== record) known = { record, isDirty: significance.isDirty(record.state, shared.synced()) };
            return known.isDirty;
        },

        /**
         * Takes a change of the user's.
         * @param {State | ((previous: any) => State)} update
         * @param {Partial<SyncRecord>} [changes]
         * @returns {boolean} whether it is significant
         * @throws {TypeError} where it is no object, or JSON would change it
         */
        edit(update, changes) {
            const shown = shared.snapshot().text;
            shared.refresh();
            const { state, sync, stamp } = shared.record();
            let next = typeof update === 'function' ? update(state) : update;
            if (!isObject(next)) throw new TypeError('state must be an object');
            try {
                checkJson(next, 'state');
            } catch (error) {
                if (next === state) shared.mend();
                throw error;
            }
            const at = `${Date.now()} ${shared.tab}`;
            const before = shared.snapshot();
            if (typeof update !== 'function' && before.text !== shown) {
                // It was made of a state that another tab has changed since.
                const sides = { base: JSON.parse(shown), local: next, remote: state };
                const merged = mergeEdits(sides, options.conflictPolicy ?? 'server', stamp > at);
                next = merged.state;
                changes = { ...changes, conflicts: [...(changes?.conflicts ?? sync.conflicts), ...merged.conflicts] };
            }
            const shot = significance.snapshot(next);
            if (!changes && shot.text === before.text) return false;
            const isSignificant = significance.differs(before, shot);
            significance.tell(next);
            shared.stamp(at);
            // What was refused has changed.
            const again = isSignificant && sync.refused ? { refused: null, error: sync.refused === 'state' ? null : sync.error } : undefined;
            shared.commit(changes || again ? { ...changes, ...again } : undefined, next, shot);
            return isSignificant;
        },
    };
}
