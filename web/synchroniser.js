import { same } from './canonical.js';
import { reconcile } from './reconcile.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./reconcile.js').Version} Version
 * @typedef {import('./client.js').StoredDocument} StoredDocument
 * @typedef {import('./client.js').Unavailable} Unavailable
 * @typedef {import('./client.js').Rejected} Rejected
 *
 * @typedef {object} Settling
 * @property {boolean} [all] send what is not significant too
 * @property {boolean} [isLeaving] the page goes away: there is no time for anything but the request
 * @property {AbortSignal} signal
 * @property {() => void} begin called before a request
 */

/** Enough for as many devices that save at the same moment; then it waits as for a server that is away. */
const MAX_ROUNDS = 10;
const MAX_CONFLICTS = 10;

/**
 * Settles this device's state with the server's.
 * @param {import('./client.js').DashboardStateClient} client
 * @param {import('./replica.js').Replica} replica
 * @param {import('./reconcile.js').ConflictPolicy} policy
 */
export function createSynchroniser(client, replica, policy) {
    let isStale = true;

    /**
     * One request after the other, until both sides have the same.
     * @param {Settling} how
     * @returns {Promise<{status: 'synced'} | Unavailable | Rejected>}
     */
    async function settle({ all, isLeaving, signal, begin }) {
        for (let round = 0; round < MAX_ROUNDS; round += 1) {
            const { base, sent } = replica.sync();
            if (!sent && !isStale) {
                if (!(all ? replica.isChanged() : replica.isDirty())) return { status: 'synced' };
                const version = Math.min(base.version + 1, Number.MAX_SAFE_INTEGER);
                replica.commit({ sent: { state: replica.shared(), version, lastModified: replica.lastModified(), etag: base.etag } });
            }
            begin();
            const result = await request(signal, isLeaving);
            // Whoever has signed out meanwhile has no more business with the answer.
            signal.throwIfAborted();
            const failure = absorb(result, sent);
            if (failure) return failure;
        }
        return { status: 'unavailable', httpStatus: 0, isUnsent: true };
    }

    /**
     * @param {AbortSignal} signal
     * @param {boolean} [isLeaving]
     */
    function request(signal, isLeaving) {
        const { base, sent } = replica.sync();
        // When to try again is planned elsewhere.
        const retries = 0;
        if (!sent) return client.getDashboardState({ etag: base.etag, signal, retries });
        // What may have arrived already goes again as it was, edited further or not: the server knows it again, so it is
        // no conflict with oneself.
        const { state, version, lastModified, etag } = sent;
        return client.saveDashboardState(state, version, {
            lastModified,
            ifMatch: etag,
            ifNoneMatch: etag === undefined ? '*' : undefined,
            checksum: isLeaving ? false : undefined,
            signal,
            retries,
        });
    }

    /**
     * @param {Awaited<ReturnType<typeof request>>} result
     * @param {Version | null} doubtful what had been sent before, with no answer
     * @returns {Unavailable | Rejected | undefined}
     */
    function absorb(result, doubtful) {
        const { base, sent } = replica.sync();
        if ('isUnsent' in result) {
            if (result.isUnsent && sent) replica.commit({ sent: null });
            return result;
        }
        const document = result.status === 'found' ? result.document : result.status === 'conflict' ? result.current : undefined;
        // A refusal without the document, or without its entity tag, leaves it to be read.
        isStale = result.status === 'conflict' && document?.etag === undefined;
        if (isStale) replica.commit({ sent: null });
        else if (document) adopt(document, doubtful);
        else if (result.status === 'saved' && sent) {
            learn({ ...sent, version: result.version, etag: result.etag });
        } else if (result.status === 'not-found') {
            // Expired, deleted, or lost with the server's storage: what is here is all there is, and goes there again.
            learn({ version: base.version, state: replica.initial });
        } else learn(base);
    }

    /**
     * @param {Version} base
     * @param {Partial<import('./record.js').SyncRecord>} [changes]
     * @param {State} [state]
     */
    const learn = (base, changes, state) =>
        replica.commit({ base, sent: null, lastSyncedAt: Date.now(), ...changes }, state);

    /**
     * @param {StoredDocument} document
     * @param {Version | null} sent
     */
    function adopt({ version, etag, lastModified, state }, sent) {
        const remote = { version, etag, lastModified, state: replica.migrate(state, undefined) };
        const { base, conflicts } = replica.sync();
        const local = replica.shared();
        const { state: settled, items } = reconcile({ base, local, remote, sent }, policy);
        const at = Date.now();
        const conflict = { id: `${at}-${Math.random()}`, at, items };
        learn(
            remote,
            { conflicts: items.length > 0 ? [...conflicts, conflict].slice(-MAX_CONFLICTS) : conflicts },
            same(settled, local) ? undefined : replica.localised(settled),
        );
    }

    return {
        settle,
        isStale: () => isStale,
        /** @param {boolean} value whether to ask the server before anything is sent */
        setStale: (value) => void (isStale = value),
    };
}
