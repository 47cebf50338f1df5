import { ancestryAfter, inherit } from './ancestry.js';
import { equal } from './json.js';
import { conflictsOf, reconcile } from './reconcile.js';
import { ACCEPTED, CALM, MAX_DOUBTS, unanswered } from './record.js';
import { within } from './retry.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {import('./answers.js').StoredDocument} StoredDocument
 * @typedef {import('./answers.js').Unavailable} Unavailable
 * @typedef {import('./answers.js').Rejected} Rejected
 *
 * @typedef {object} Settling
 * @property {boolean} [all] send what is not significant too
 * @property {boolean} [isAsked] somebody waits for it: what was refused is sent again
 * @property {boolean} [isLeaving] the page goes away: there is no time for anything but the request
 * @property {AbortSignal} signal
 * @property {() => void} begin called before a request
 *
 * @typedef {Awaited<ReturnType<import('./client.js').DashboardStateClient['saveDashboardState' | 'getDashboardState']>>} Result
 * @typedef {{status: 'failed', error: unknown, isUnsent?: false, isEarly?: boolean}} Failed a function of the application's
 *   has thrown; `isEarly`: before a request, so that to try again costs none
 * @typedef {{status: 'synced'} | {status: 'void'} | Failed | Unavailable | Rejected} Settled `void`: another tab has
 *   asked or learned something meanwhile, so that the answer tells nothing any more
 */

/** The service takes no larger one. */
const MAX_VERSION = 2 ** 53 - 1;
/** Enough for as many devices that save at the same moment; then it waits as for a server that is away. */
const MAX_ROUNDS = 10;
/** No client of an application's own is waited for longer, in ms. */
const MAX_REQUEST = 300_000;

/**
 * Whether they are the same save, however often it was tried.
 * @param {SyncRecord['sent']} one
 * @param {SyncRecord['sent']} other
 */
const isSame = (one, other) => equal({ ...one, tries: 0 }, { ...other, tries: 0 });

/**
 * What the server's entity tag is, as far as is known.
 * @param {import('./record.js').Base} base
 */
const etagOf = ({ isGone, etag }) => (isGone ? undefined : etag);

/**
 * Settles this device's state with the server's.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {import('./replica.js').Replica} replica
 */
export function createSynchroniser({ client, user, workspace, sendsIdentity = true, conflictPolicy = 'server' }, replica) {
    const { reader } = replica;
    let isStale = true;

    /**
     * One request after the other, until both sides have the same.
     * @param {Settling} how
     * @returns {Promise<Settled>}
     */
    async function settle({ all, isAsked, isLeaving, signal, begin }) {
        for (let round = 0; round < MAX_ROUNDS; round += 1) {
            replica.refresh();
            const { sent, refused } = replica.sync();
            if (!isStale) {
                if (!sent && !(all ? replica.isChanged() : replica.isDirty())) return { status: 'synced' };
                if (refused && !isAsked) return { status: 'void' };
            }
            prepare();
            begin();
            const asked = replica.sync();
            let result;
            try {
                result = await request(signal, isLeaving);
            } catch (error) {
                signal.throwIfAborted();
                return { status: 'failed', error, isEarly: true };
            }
            // Whoever has signed out meanwhile has no more business with the answer.
            signal.throwIfAborted();
            replica.refresh();
            const { turn, sent: known } = replica.sync();
            // Tabs that have sent in the same moment have counted alike: the answer is one to what was sent with it.
            if (replica.isOutdated() || turn !== asked.turn || !isSame(known, asked.sent)) return { status: 'void' };
            const failure = book(result);
            if (failure) return failure;
        }
        return { status: 'unavailable', httpStatus: 0, isUnsent: true };
    }

    /** Notes what is to be sent, before it may arrive. */
    function prepare() {
        const { base, sent, turn } = replica.sync();
        if (sent) replica.commit({ sent: { ...sent, tries: sent.tries + 1 }, turn: turn + 1 });
        else if (!isStale) {
            const version = Math.min(base.version + 1, MAX_VERSION);
            const next = {
                state: replica.shared(),
                version,
                lastModified: replica.lastModified(),
                etag: etagOf(base),
                ancestry: ancestryAfter(base, version),
                tries: 1,
            };
            replica.commit({ sent: next, turn: turn + 1 });
        }
    }

    /**
     * @param {AbortSignal} signal
     * @param {boolean} [isLeaving]
     * @returns {Promise<Result>}
     */
    async function request(signal, isLeaving) {
        const { base, sent } = replica.sync();
        // When to try again is planned elsewhere.
        const common = { identity: sendsIdentity ? { user, workspace } : undefined, signal, retries: 0 };
        /** @type {Promise<Result>} */
        const asking = sent
            ? // What may have arrived already goes again as it was, edited further or not: the server knows it again, so it
              // is no conflict with oneself.
              client.saveDashboardState(sent.state, sent.version, {
                  ...common,
                  lastModified: sent.lastModified,
                  ancestry: sent.ancestry,
                  ifMatch: sent.etag,
                  ifNoneMatch: sent.etag === undefined ? '*' : undefined,
                  checksum: isLeaving ? false : undefined,
                  keepalive: isLeaving,
              })
            : client.getDashboardState({ ...common, etag: etagOf(base) });
        const answer = await within(asking, MAX_REQUEST, signal);
        return answer?.value ?? { status: /** @type {const} */ ('unavailable'), httpStatus: 0, isUnsent: false };
    }

    /**
     * What has been sent and may be there, though the last try was answered otherwise.
     * @returns {SyncRecord['doubts']}
     */
    function doubtful() {
        const sync = replica.sync();
        return sync.sent?.tries === 1 ? sync.doubts : unanswered(sync).slice(-MAX_DOUBTS);
    }

    /**
     * What certainly has not arrived is nothing that was sent.
     * @template {{isUnsent?: boolean}} Failure
     * @param {Failure} failure
     * @param {Partial<SyncRecord>} [changes]
     * @returns {Failure}
     */
    function forget(failure, changes) {
        const { sent } = replica.sync();
        if (failure.isUnsent && sent?.tries === 1) replica.commit({ ...changes, sent: null });
        else if (changes?.refused === 'state' && sent) {
            // It is not sent again as it was, but may be there from before.
            isStale = true;
            replica.commit({ ...changes, sent: null, doubts: doubtful() });
        } else if (changes) replica.commit(changes);
        return failure;
    }

    /**
     * @param {Result} result
     * @returns {Failed | Unavailable | Rejected | undefined}
     */
    function book(result) {
        const { base, sent } = replica.sync();
        if (result.status === 'unavailable') return forget(result);
        if (result.status === 'rejected') {
            const isSession = result.httpStatus === 401 || result.httpStatus === 403;
            return forget(result, { refused: isSession ? 'session' : 'state' });
        }
        const { document, current = document } = /** @type {{document?: StoredDocument, current?: StoredDocument}} */ (result);
        isStale = false;
        if (current && (current.etag === undefined ? document : current.etag !== etagOf(base))) return adopt(current);
        if (result.status === 'conflict') {
            // A refusal without the document, or without its entity tag, leaves it to be read.
            isStale = true;
            replica.commit({ sent: null, doubts: doubtful() });
        } else if (result.status === 'saved' && sent) {
            const { tries, ...saved } = sent;
            isStale = result.etag === undefined;
            learn({ ...saved, version: result.version, etag: result.etag }, { ...ACCEPTED, doubts: [] });
        } else if (result.status === 'not-found') {
            // Expired, deleted, or lost with the server's storage: what is here is all there is, and goes there again.
            learn(base.etag === undefined ? base : { ...inherit(base), isGone: true });
        } else learn(base);
    }

    /**
     * @param {import('./record.js').Base} base
     * @param {Partial<SyncRecord>} [changes]
     * @param {State} [state]
     */
    function learn(base, changes, state) {
        const { turn, refused } = replica.sync();
        // Who was refused as somebody else is known now; a state that was refused has not changed.
        const accepted = refused === 'state' ? {} : ACCEPTED;
        const known = { base, sent: null, turn: turn + 1, lastSyncedAt: Date.now(), ...CALM };
        replica.commit({ ...known, ...accepted, ...changes }, state);
    }

    /**
     * @param {StoredDocument} document
     * @returns {Failed | undefined}
     */
    function adopt({ version, etag, lastModified, ancestry, state }) {
        const { base, conflicts } = replica.sync();
        const local = replica.shared();
        try {
            const remote = { version, etag, lastModified, ancestry, state: reader.ofServer(state) };
            const sent = doubtful().map((one) => ({ ...one, state: reader.ofReturn(one.state) }));
            const { state: settled, items } = reconcile({ base, local, remote, sent, told: replica.told() }, conflictPolicy);
            const next = equal(settled, local) ? undefined : replica.localised(settled);
            learn(inherit(remote, base), { doubts: [], conflicts: [...conflicts, ...conflictsOf(items)] }, next);
        } catch (error) {
            isStale = true;
            // The answer refused what was sent; whether an earlier try has arrived is in the document, which is read again.
            return forget(/** @type {Failed} */ ({ status: 'failed', error }), { refused: 'state' });
        }
    }

    return {
        settle,
        isStale: () => isStale,
        /** @param {boolean} value whether to ask the server before anything is sent */
        setStale: (value) => void (isStale = value),
    };
}
