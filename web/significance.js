import { equal } from './json.js';
import { at, omit, segments } from './paths.js';

/**
 * What of a state is worth a sync.
 *
 * @typedef {import('./paths.js').State} State
 * @typedef {{text: string, marks: (string | undefined)[]}} Snapshot a state as JSON, and what is significant in it
 */

const USUAL = ['widgets', 'activeProject', 'activeTasks'];

/**
 * @param {import('./store.js').StoreOptions<any>} options
 */
export function createSignificance({ significantPaths, localPaths = [] }) {
    const paths = significantPaths ?? USUAL;
    /** @param {State} state @returns {boolean} whether it has any of the paths */
    const hasAny = (state) => paths.some((path) => at(state, path) !== undefined);
    let isTold = false;

    return {
        /**
         * Every member is made text once, however large.
         * @param {State} state
         * @returns {Snapshot}
         */
        snapshot(state) {
            /** @type {Map<string, string>} */
            const texts = new Map();
            // Strings that are only put together are copied once, when they are stored.
            let members = '';
            for (const name of Object.keys(state)) {
                const text = JSON.stringify(state[name]);
                if (text === undefined) continue;
                texts.set(name, text);
                members += `${members && ','}${JSON.stringify(name)}:${text}`;
            }
            const marks = paths.map((path) => {
                const [name = '', ...rest] = segments(path);
                return rest.length > 0 ? JSON.stringify(at(state, path)) : texts.get(name);
            });
            return { text: `{${members}}`, marks };
        },

        /**
         * Whether a state became another one in something that is worth a sync. Where the application has not said what
         * is, and its states have nothing of what usually is, everything is.
         * @param {Snapshot} one
         * @param {Snapshot} other
         */
        differs(one, other) {
            if (one.marks.some((mark, index) => mark !== other.marks[index])) return true;
            return !significantPaths && other.marks.every((mark) => mark === undefined) && one.text !== other.text;
        },

        /**
         * Whether a state has something worth a sync that the server's has not.
         * @param {State} state
         * @param {State} synced
         */
        isDirty(state, synced) {
            const shared = omit(state, localPaths);
            if (!significantPaths && !hasAny(shared) && !hasAny(synced)) return !equal(shared, synced);
            return paths.some((path) => !equal(at(shared, path), at(synced, path)));
        },

        /**
         * Says once where nothing of a state will ever be synced.
         * @param {State} state
         */
        tell(state) {
            if (isTold || !significantPaths || hasAny(state)) return;
            isTold = true;
            console.warn(`dashboard-state: the state has none of the significantPaths ${paths}, so no edit is synced by itself`);
        },
    };
}
