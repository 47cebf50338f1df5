import { checkJson } from './json.js';
import { isObject } from './paths.js';
import { mergeEdits } from './reconcile.js';
import { createSharedRecord } from './shared-record.js';
import { share } from './sharing.js';
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
    /** What was last found out about a state and the server's: it takes a while for large ones. */
    let known = /** @type {{of?: object, base?: object, isDirty: boolean}} */ ({ isDirty: false });
    /**
     * Whether something is to be sent that is worth it.
     * @param {State} [state] what the snapshot is of, where that is at hand
     */
    function isDirty(of = shared.snapshot(), state = undefined) {
        const { base } = shared.record().sync;
        if (known.of !== of || known.base !== base) known = { of, base, isDirty: significance.isDirty(state ?? shared.state(), shared.synced()) };
        return known.isDirty;
    }

    return {
        ...shared,
        sync: () => shared.record().sync,
        /** When the state was edited last, as the service wants it. */
        lastModified: () => new Date(parseInt(shared.record().stamp, 10) || Date.now()).toISOString(),
        isDirty: () => isDirty(),

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
            const { sync, stamp } = shared.record();
            let next;
            try {
                next = typeof update === 'function' ? update(shared.shown()) : update;
                if (!isObject(next)) throw new TypeError('state must be an object');
                checkJson(next, 'state');
            } catch (error) {
                shared.mend();
                throw error;
            }
            const at = `${Date.now()} ${shared.tab}`;
            const before = shared.snapshot();
            if (typeof update !== 'function' && before.text !== shown) {
                // It was made of a state that another tab has changed since.
                const sides = { base: JSON.parse(shown), local: next, remote: shared.state() };
                const merged = mergeEdits(sides, options.conflictPolicy ?? 'server', stamp > at);
                next = merged.state;
                changes = { ...changes, conflicts: [...(changes?.conflicts ?? sync.conflicts), ...merged.conflicts] };
            }
            // What of it is new stays the application's own, and what is not is the same object as before.
            next = share(shared.shown(), next);
            const shot = significance.snapshot(next);
            if (!changes && shot.text === before.text) return false;
            const isSignificant = significance.differs(before, shot);
            significance.tell(next);
            isDirty(shot, next);
            shared.stamp(at);
            // What was refused has changed.
            if (isSignificant && sync.refused) changes = { ...changes, refused: null, error: sync.refused === 'state' ? null : sync.error };
            shared.commit(changes, next, shot);
            return isSignificant;
        },
    };
}
