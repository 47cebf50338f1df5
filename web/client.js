import { checksumOf } from './canonical.js';
import { isObject } from './paths.js';
import { parseRetryAfter, retryDelay, wait } from './retry.js';

/**
 * @typedef {import('./paths.js').State} State
 *
 * @typedef {object} StoredDocument what the server has
 * @property {number} version 0 … 2^53−1
 * @property {State} state
 * @property {string} [lastModified] RFC 3339
 * @property {string} [checksum] lowercase hex SHA-256 of the state's RFC 8785 form
 * @property {string} [etag] strong entity tag, changes with every write
 *
 * @typedef {{type?: string, title?: string, status?: number, detail?: string, [member: string]: any}} Problem
 *   problem details (RFC 9457)
 *
 * @typedef {{status: 'saved', version: number, etag?: string, replaced: boolean}} Saved `replaced`: another document was
 * @typedef {{status: 'conflict', version?: number, current?: StoredDocument}} Conflict not saved: the stored one wins, or
 *   the precondition failed. Without `current` nothing may be stored at all
 * @typedef {{status: 'found', document: StoredDocument}} Found
 * @typedef {{status: 'not-modified'}} NotModified the entity tag still holds
 * @typedef {{status: 'not-found'}} NotFound nothing is stored, and the service itself says so
 * @typedef {{status: 'deleted'}} Deleted
 * @typedef {{status: 'unavailable', reason: 'network' | 'timeout' | 'server', httpStatus?: number, retryAfter?: number}} Unavailable
 *   nothing is known about what is stored; a write may or may not have arrived. `retryAfter` in ms
 * @typedef {{status: 'rejected', httpStatus: number, problem: Problem}} Rejected trying again as it is will not help
 *
 * @typedef {object} RequestOptions
 * @property {AbortSignal} [signal] the call then rejects with the signal's reason
 * @property {number} [retries] instead of the client's
 *
 * @typedef {object} Preconditions
 * @property {string} [ifMatch] the entity tag that must still be the stored one's
 * @property {'*'} [ifNoneMatch] nothing may be stored yet
 *
 * @typedef {object} SaveFields
 * @property {string} [lastModified] RFC 3339; decides between equal versions
 * @property {boolean} [checksum] instead of the client's
 *
 * @typedef {object} ClientOptions
 * @property {string} [baseUrl] where the service is, `/api/dashboard` unless given
 * @property {typeof globalThis.fetch} [fetch]
 * @property {HeadersInit | (() => HeadersInit | Promise<HeadersInit>)} [headers] sent with each request
 * @property {string} [workspace] sent as `X-Workspace`, for a sign-in that lets users choose
 * @property {number} [timeout] ms for one attempt, 10 s unless given
 * @property {number} [retries] further attempts after one that got no answer or 429/5xx, 2 unless given
 * @property {boolean} [checksum] send checksums with saves, and verify those that come back
 *
 * @typedef {ReturnType<typeof createDashboardStateClient>} DashboardStateClient
 *
 * @typedef {{status: number, fields: Headers, body: any, failure?: Unavailable}} Answer
 */

/** Browsers let pages send 64 KiB, fields included, that outlive them. */
const KEEPALIVE_LIMIT = 60 * 1024;
const NOTHING_STORED = 'urn:problem-type:dashboard-state:nothing-stored';

/**
 * Speaks with the service. What can be expected to happen is a result, told apart by its `status`; only wrong arguments
 * and the caller's own abort are thrown.
 * @param {ClientOptions} [options]
 */
export function createDashboardStateClient(options = {}) {
    const { baseUrl = '/api/dashboard', workspace, timeout = 10_000, retries = 2, checksum = false } = options;
    const url = `${baseUrl.replace(/\/+$/, '')}/state`;

    /**
     * @param {string} method
     * @param {Record<string, string | undefined>} fields
     * @param {string} [body]
     * @param {AbortSignal} [signal]
     * @returns {Promise<Answer>}
     */
    async function attempt(method, fields, body, signal) {
        signal?.throwIfAborted();
        const ending = new AbortController();
        const abort = () => ending.abort();
        const timer = setTimeout(abort, timeout);
        signal?.addEventListener('abort', abort, { once: true });
        try {
            // No await on the way to fetch unless `headers` asks for one: a page that goes away has no later.
            const given = typeof options.headers === 'function' ? options.headers() : options.headers;
            const headers = new Headers(given instanceof Promise ? await given : given);
            for (const [name, value] of Object.entries(fields)) if (value !== undefined) headers.set(name, value);
            const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
            const response = await (options.fetch ?? globalThis.fetch)(url, {
                method,
                headers,
                body: bytes,
                signal: ending.signal,
                cache: 'no-store',
                redirect: 'manual',
                keepalive: bytes !== undefined && bytes.length <= KEEPALIVE_LIMIT,
            });
            const text = await response.text();
            return { status: response.status, fields: response.headers, body: parse(text) };
        } catch {
            signal?.throwIfAborted();
            const reason = ending.signal.aborted ? 'timeout' : 'network';
            return { status: 0, fields: new Headers(), body: undefined, failure: { status: 'unavailable', reason } };
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener('abort', abort);
        }
    }

    /**
     * @template {{status: string}} Result
     * @param {string} method
     * @param {Record<string, string | undefined>} fields
     * @param {string | undefined} body
     * @param {RequestOptions} request
     * @param {(answer: Answer) => Result | undefined} read understands the answers that this method alone has
     * @returns {Promise<Result | Unavailable | Rejected>}
     */
    async function send(method, fields, body, request, read) {
        for (let failed = 0; ; failed += 1) {
            const answer = await attempt(method, { ...fields, 'X-Workspace': workspace }, body, request.signal);
            const result = (answer.failure ? undefined : read(answer)) ?? classify(answer);
            if (result.status !== 'unavailable' || failed >= (request.retries ?? retries)) return result;
            const unavailable = /** @type {Unavailable} */ (result);
            // A wait as long as this is the caller's to plan.
            if ((unavailable.retryAfter ?? 0) > 30_000) return result;
            await wait(retryDelay(failed, unavailable.retryAfter), request.signal);
        }
    }

    /**
     * Whether a document arrived as its checksum says, as far as that was asked for and can be told.
     * @param {StoredDocument} document
     */
    async function intact({ state, checksum: sent }) {
        return !checksum || sent === undefined || ((await checksumOf(state)) ?? sent) === sent;
    }

    return {
        /**
         * Saves a state. Repeating it is harmless: the same version and state again are a success.
         * @param {State} state
         * @param {number} version one above the version it was made from, 0 … 2^53−1
         * @param {RequestOptions & Preconditions & SaveFields} [request]
         * @returns {Promise<Saved | Conflict | Unavailable | Rejected>}
         * @throws {TypeError} where the state is no object, or the version no such number
         */
        async saveDashboardState(state, version, request = {}) {
            if (!isObject(state)) throw new TypeError('state must be an object');
            if (!Number.isSafeInteger(version) || version < 0) throw new TypeError('version must be an integer from 0 to 2^53-1');
            const body = {
                version,
                state,
                lastModified: request.lastModified,
                checksum: request.checksum ?? checksum ? await checksumOf(state) : undefined,
            };
            const fields = { 'Content-Type': 'application/json', ...preconditions(request) };
            return send('POST', fields, JSON.stringify(body), request, ({ status, fields, body }) => {
                if (status === 412) return conflict(body);
                if (status !== 200 || !Number.isSafeInteger(body?.serverVersion)) return undefined;
                if (body.success !== true) return conflict(body);
                return {
                    status: /** @type {const} */ ('saved'),
                    version: body.serverVersion,
                    etag: fields.get('ETag') ?? undefined,
                    replaced: body.conflictResolution === 'client',
                };
            });
        },

        /**
         * Reads what is stored.
         * @param {RequestOptions & {etag?: string}} [request] with the entity tag of what is known already, the answer may
         *   be `not-modified`
         * @returns {Promise<Found | NotModified | NotFound | Unavailable | Rejected>}
         */
        async getDashboardState(request = {}) {
            const result = await send('GET', { 'If-None-Match': request.etag }, undefined, request, ({ status, fields, body }) => {
                if (status === 304) return { status: /** @type {const} */ ('not-modified') };
                if (status === 404 && body?.type === NOTHING_STORED) return { status: /** @type {const} */ ('not-found') };
                const document = status === 200 ? documentOf(body, fields.get('ETag')) : undefined;
                return document && { status: /** @type {const} */ ('found'), document };
            });
            if (result.status !== 'found' || (await intact(result.document))) return result;
            return { status: 'unavailable', reason: 'server', httpStatus: 200 };
        },

        /**
         * Deletes what is stored. Tried again only with `ifMatch`: without it, a second attempt might delete what another
         * device has saved meanwhile.
         * @param {RequestOptions & Preconditions} [request]
         * @returns {Promise<Deleted | NotFound | Conflict | Unavailable | Rejected>}
         */
        async deleteDashboardState(request = {}) {
            const once = request.ifMatch === undefined ? { ...request, retries: 0 } : request;
            return send('DELETE', preconditions(request), undefined, once, ({ status, body }) => {
                if (status === 412) return conflict(body);
                if (status !== 200 || typeof body?.success !== 'boolean') return undefined;
                return body.success ? { status: /** @type {const} */ ('deleted') } : { status: /** @type {const} */ ('not-found') };
            });
        },
    };
}

/** @param {Preconditions} request */
const preconditions = ({ ifMatch, ifNoneMatch }) => ({
    'If-Match': ifMatch,
    'If-None-Match': ifNoneMatch,
    // A refusal then carries what is stored, which saves a second request.
    Prefer: 'return=representation',
});

/**
 * @param {string} text
 * @returns {any} nothing where it is no JSON: not an answer of this service's
 */
function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/**
 * @param {any} body
 * @param {string | null} [etag]
 * @returns {StoredDocument | undefined}
 */
const documentOf = (body, etag) =>
    Number.isSafeInteger(body?.version) && isObject(body.state) ? { ...body, etag: etag ?? body.etag } : undefined;

/**
 * @param {any} body
 * @returns {Conflict}
 */
function conflict(body) {
    const current = documentOf(body?.current);
    return { status: 'conflict', version: current?.version ?? body?.serverVersion, current };
}

/**
 * What every method's answers have in common. Whatever is not known to come from the service itself, such as a page to
 * sign in or a proxy's error, tells nothing about what is stored.
 * @param {Answer} answer
 * @returns {Unavailable | Rejected}
 */
function classify({ status, fields, body, failure }) {
    if (failure) return failure;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
        return { status: 'rejected', httpStatus: status, problem: isObject(body) ? body : {} };
    }
    return { status: 'unavailable', reason: 'server', httpStatus: status, retryAfter: parseRetryAfter(fields.get('Retry-After')) };
}
