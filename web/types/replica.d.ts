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
export function createReplica(options: import('./store.js').StoreOptions<any>, on: {
    changed: () => void;
    followed: (hasSynced: boolean) => void;
    signedOut: () => void;
}): {
    state: () => import("./paths.js").State;
    sync: () => import("./record.js").SyncRecord;
    /** When the state was edited last, as the service wants it. */
    lastModified: () => string;
    isPersisted: () => boolean;
    migrate: ((state: any, from: number | undefined) => any) | ((state: any) => any);
    commit: (changes: Partial<SyncRecord> | undefined, next?: import("./paths.js").State | undefined) => void;
    exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
    /** A copy of the state as it is sent: without the paths that stay here. */
    shared: () => import("./paths.js").State;
    /** What {@link shared} gives before any edit. */
    initial: import("./paths.js").State;
    /** Whether something is to be sent that is worth it. */
    isDirty: () => boolean;
    /** Whether anything at all is to be sent. */
    isChanged: () => boolean;
    /**
     * A state from elsewhere, with what stays on this device.
     * @param {State} from
     */
    localised: (from: State) => import("./paths.js").State;
    /**
     * Takes a change of the user's.
     * @param {State} next
     * @param {Partial<SyncRecord>} [changes]
     * @returns {boolean} whether it is significant
     * @throws {TypeError} where it is no object, or cannot be JSON
     */
    edit(next: State, changes?: Partial<import("./record.js").SyncRecord> | undefined): boolean;
    /** Begins anew after a sign-out. */
    open(): void;
    /**
     * Ends the session, in the other tabs too.
     * @param {SignOut} what
     */
    signOut(what: SignOut): void;
    destroy(): void;
};
export type State = import('./paths.js').State;
export type SyncRecord = import('./record.js').SyncRecord;
/**
 * whether the copy in the browser's storage went with the session
 */
export type SignOut = 'cleared' | 'kept';
/**
 * what a tab tells the others
 */
export type Message = {
    /**
     * its state before, as JSON
     */
    from: string;
    /**
     * its state now
     */
    to: string;
    /**
     * what it learned from the server
     */
    sync?: import("./record.js").SyncRecord | undefined;
    stamp: string;
    signedOut?: SignOut | undefined;
};
export type Replica = ReturnType<typeof createReplica>;
