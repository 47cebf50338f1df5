/**
 * Decides when to settle with the server: after edits, failures, and absence.
 * @param {import('./replica.js').Replica} replica
 * @param {ReturnType<typeof import('./synchroniser.js').createSynchroniser>} synchroniser
 * @param {{debounce?: number, staleAfter?: number}} options ms
 * @param {{changed: () => void, attempted: () => void}} on `attempted`: something is known of the server, or why not
 */
export function createSchedule(replica: import('./replica.js').Replica, synchroniser: ReturnType<typeof import('./synchroniser.js').createSynchroniser>, { debounce, staleAfter }: {
    debounce?: number;
    staleAfter?: number;
}, on: {
    changed: () => void;
    attempted: () => void;
}): {
    plan: (delay?: number | undefined) => void;
    exchange: (how?: {
        all?: boolean | undefined;
        isAsked?: boolean | undefined;
    } | undefined) => Promise<SyncResult>;
    isActive: () => boolean;
    isSyncing: () => boolean;
    hasRestored: () => boolean;
    start(): Promise<SyncResult>;
    stop: () => void;
    /**
     * Another tab has changed something. It syncs that itself; this one steps in should it be gone by then.
     * @param {boolean} hasSynced
     */
    follow(hasSynced: boolean): void;
    watch(): void;
    destroy(): void;
};
export type Unavailable = import('./answers.js').Unavailable;
export type Rejected = import('./answers.js').Rejected;
export type Settling = import('./synchroniser.js').Settling;
export type Settled = import('./synchroniser.js').Settled;
/**
 * `failed`: a function of the application's has thrown, or given what it must not; `outdated`: a
 * newer release of the application has taken over
 */
export type SyncResult = {
    status: 'synced';
} | {
    status: 'signed-out';
} | {
    status: 'outdated';
} | {
    status: 'failed';
    error: unknown;
} | Unavailable | Rejected;
