import { copy } from './json.js';

/**
 * Copies that this release does not understand, or may not write over: they wait beside the record for one that does.
 *
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 */

/** How long a tab of a newer release has to say that it is there, in ms. */
const PATIENCE = 300;

/**
 * @param {ReturnType<typeof import('./record.js').createReader>} reader
 * @param {import('./persistence.js').Persistence} persistence
 */
export function createAside(reader, persistence) {
    /** @type {string | null} */
    let unreadable = null;
    /** Nothing may be stored: what is there could not be put aside. */
    let isBarred = false;
    /**
     * A newer release is there: this tab's edits are kept here, with what they were made on.
     * @type {{base: State, place?: string, text?: string, written?: State} | undefined}
     */
    let stopped;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;

    /** @param {any} error */
    function note(error) {
        unreadable = `Earlier work is kept for a release that can read it: ${error?.message ?? error}`;
    }

    const self = {
        isBarred: () => isBarred,
        /** Whether a newer release has taken over. */
        isOutdated: () => stopped !== undefined,
        /** Whether a tab of it says so, or this tab has seen it write. */
        isConfirmed: () => stopped !== undefined && timer === undefined,
        /** Why a copy waits; null where none does. */
        unreadable: () => unreadable,

        /**
         * @param {string} text
         * @param {unknown} error why it cannot be used
         */
        put(text, error) {
            note(error);
            if (text && !persistence.setAside(text)) isBarred = true;
        },

        /** @returns {{name: string, found: StoredRecord}[]} those that this release understands */
        readable() {
            if (!isBarred) unreadable = null;
            return persistence.aside().flatMap(({ name, text }) => {
                try {
                    return [{ name, found: reader.parse(text) }];
                } catch (error) {
                    note(error);
                    return [];
                }
            });
        },

        /**
         * @param {State} shared the state as others see it
         * @param {() => void} [overrule] called where no tab of the newer release says that it is there
         */
        stop(shared, overrule) {
            self.confirm();
            stopped = { base: copy(shared) };
            if (overrule) timer = setTimeout(overrule, PATIENCE);
        },

        /** The newer release is there. */
        confirm() {
            clearTimeout(timer);
            timer = undefined;
        },

        /** There is none after all: what was kept is in the record now. */
        resume() {
            if (stopped?.place) persistence.remove(stopped.place);
            self.end();
        },

        end() {
            self.confirm();
            stopped = undefined;
        },

        /**
         * Stores an edit of an outdated tab where the newer release finds it.
         * @param {State} state
         * @param {State} shared
         * @param {string} stamp
         * @returns {boolean} whether it is stored
         */
        keep(state, shared, stamp) {
            if (!stopped) return false;
            const { place, written, text } = stopped;
            const isThere = place !== undefined && persistence.read(place) === text;
            // The newer release has taken in what was there.
            if (!isThere && written) stopped.base = written;
            const sync = { ...reader.unsynced(), base: { version: 0, state: stopped.base } };
            stopped.text = JSON.stringify({ stamp, state, sync });
            stopped.place = persistence.setAside(stopped.text, isThere ? place : undefined);
            if (stopped.place) stopped.written = copy(shared);
            return stopped.place !== undefined;
        },
    };
    return self;
}
