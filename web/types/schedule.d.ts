/**
 * @typedef {import('./client.js').Unavailable} Unavailable
 * @typedef {import('./client.js').Rejected} Rejected
 * @typedef {{status: 'synced'} | {status: 'signed-out'} | {status: 'failed', error: unknown} | Unavailable | Rejected} SyncResult
 *   `failed`: a function of the application's has thrown
 */
/**
 * Decides when to settle with the server: after edits, failures, and absence.
 * @param {import('./replica.js').Replica} replica
 * @param {ReturnType<typeof import('./synchroniser.js').createSynchroniser>} synchroniser
 * @param {{debounce?: number, staleAfter?: number}} options ms
 * @param {{started: () => void, ended: (result: SyncResult, retryAt: number) => void}} on
 */
export function createSchedule(replica: import('./replica.js').Replica, synchroniser: ReturnType<typeof import('./synchroniser.js').createSynchroniser>, { debounce, staleAfter }: {
    debounce?: number;
    staleAfter?: number;
}, on: {
    started: () => void;
    ended: (result: SyncResult, retryAt: number) => void;
}): {
    plan: (delay?: number | undefined) => void;
    exchange: (how?: {
        all?: boolean | undefined;
    } | undefined) => Promise<SyncResult>;
    isActive: () => boolean;
    start(): Promise<SyncResult>;
    stop: () => void;
    /**
     * Another tab has changed something. It syncs that itself; this one steps in should it be gone by then.
     * @param {boolean} hasSynced
     */
    follow(hasSynced: boolean): void;
    destroy(): void;
};
export type Unavailable = import('./client.js').Unavailable;
export type Rejected = import('./client.js').Rejected;
/**
 * `failed`: a function of the application's has thrown
 */
export type SyncResult = {
    status: 'synced';
} | {
    status: 'signed-out';
} | {
    status: 'failed';
    error: unknown;
} | Unavailable | Rejected;
