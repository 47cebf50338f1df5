/**
 * @param {ReturnType<typeof import('./record.js').createReader>} reader
 * @param {import('./persistence.js').Persistence} persistence
 */
export function createAside(reader: ReturnType<typeof import('./record.js').createReader>, persistence: import('./persistence.js').Persistence): {
    isBarred: () => boolean;
    /** Whether a newer release has taken over. */
    isOutdated: () => boolean;
    /** Whether a tab of it says so, or this tab has seen it write. */
    isConfirmed: () => boolean;
    /** Why a copy waits; null where none does. */
    unreadable: () => string | null;
    /**
     * @param {string} text
     * @param {unknown} error why it cannot be used
     */
    put(text: string, error: unknown): void;
    /** @returns {{name: string, found: StoredRecord}[]} those that this release understands */
    readable(): {
        name: string;
        found: StoredRecord;
    }[];
    /**
     * @param {State} shared the state as others see it
     * @param {() => void} [overrule] called where no tab of the newer release says that it is there
     */
    stop(shared: State, overrule?: (() => void) | undefined): void;
    /** The newer release is there. */
    confirm(): void;
    /** There is none after all: what was kept is in the record now. */
    resume(): void;
    end(): void;
    /**
     * Stores an edit of an outdated tab where the newer release finds it.
     * @param {State} state
     * @param {State} shared
     * @param {string} stamp
     * @returns {boolean} whether it is stored
     */
    keep(state: State, shared: State, stamp: string): boolean;
};
/**
 * Copies that this release does not understand, or may not write over: they wait beside the record for one that does.
 */
export type State = import('./paths.js').State;
/**
 * Copies that this release does not understand, or may not write over: they wait beside the record for one that does.
 */
export type StoredRecord = import('./record.js').StoredRecord;
