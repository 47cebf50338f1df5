/**
 * This tab's copy of the dashboard, and what is known of the server's: one record, which the tabs of a browser share. Every
 * change is made on the newest record that the storage has, and is stored before anything else happens, so each tab goes
 * on from what the others have made. Where two have written without seeing each other (storage that is blocked, or late
 * between two processes), both merge, and the record with the higher number counts.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {{changed: () => void, followed: (hasSynced: boolean) => void, signedOut: () => void, resumed: () => void}} on
 *   `followed`: another tab has changed something; `signedOut`: it has ended the session; `resumed`: no newer release is
 *   there after all
 */
export function createReplica(options: import('./store.js').StoreOptions<any>, on: {
    changed: () => void;
    followed: (hasSynced: boolean) => void;
    signedOut: () => void;
    resumed: () => void;
}): {
    state: () => import("./paths.js").State;
    sync: () => import("./record.js").SyncRecord;
    reader: {
        schemaVersion: number;
        initial: () => import("./paths.js").State;
        initialShared: () => import("./paths.js").State;
        ofServer: (state: import("./paths.js").State) => import("./paths.js").State;
        parse(text: string): import("./record.js").StoredRecord;
        unsynced: () => import("./record.js").SyncRecord;
    };
    /** When the state was edited last, as the service wants it. */
    lastModified: () => string;
    isPersisted: () => boolean;
    isOutdated: () => boolean;
    unreadable: () => string | null;
    commit: (changes: Partial<SyncRecord> | undefined, next?: import("./paths.js").State | undefined, shot?: import("./significance.js").Snapshot | undefined) => void;
    refresh: () => void;
    localised: (state: State) => import("./paths.js").State;
    exclusively: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
    /** A copy of the state as it is sent: without the paths that stay here. */
    shared: () => import("./paths.js").State;
    /** Whether something is to be sent that is worth it. */
    isDirty: () => boolean;
    /** Whether anything at all is to be sent. */
    isChanged: () => boolean;
    /**
     * Takes a change of the user's.
     * @param {State | ((previous: any) => State)} update
     * @param {Partial<SyncRecord>} [changes]
     * @returns {boolean} whether it is significant
     * @throws {TypeError} where it is no object, or JSON would change it
     */
    edit(update: import("./paths.js").State | ((previous: any) => State), changes?: Partial<import("./record.js").SyncRecord> | undefined): boolean;
    /** Begins, or begins anew after a sign-out. */
    open(): void;
    /**
     * The page is looked at again.
     * @returns {boolean} whether the copy is gone: another tab has signed out, and this one has not heard
     */
    revisit(): boolean;
    /**
     * Ends the session, in the other tabs too.
     * @param {SignOut} what
     */
    signOut(what: SignOut): void;
    destroy(): void;
};
export type State = import('./paths.js').State;
export type SyncRecord = import('./record.js').SyncRecord;
export type StoredRecord = import('./record.js').StoredRecord;
/**
 * whether the copy in the browser's storage went with the session
 */
export type SignOut = 'cleared' | 'kept';
export type Replica = ReturnType<typeof createReplica>;
