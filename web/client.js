import { checksumOf } from './canonical.js';
import { isObject } from './paths.js';
import { parseRetryAfter, retryDelay } from './retry.js';

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
 * @typedef {{status: 'conflict', current?: StoredDocument}} Conflict not saved: the stored one wins, or
 *   the precondition failed. Without `current` nothing may be stored at all
 * @typedef {{status: 'found', document: StoredDocument}} Found
 * @typedef {{status: 'not-modified'}} NotModified the entity tag still holds
 * @typedef {{status: 'not-found'}} NotFound nothing is stored, and the service itself says so
 * @typedef {{status: 'deleted'}} Deleted
 * @typedef {{status: 'unavailable', httpStatus: number, retryAfter?: number, isUnsent: boolean}} Unavailable
 *   nothing is known about what is stored; a write may or may not have arrived, but with `isUnsent` it certainly has not.
 *   `httpStatus` is 0 without an answer; `retryAfter` in ms
 * @typedef {{status: 'rejected', httpStatus: number, problem: Problem, isUnsent: true}} Rejected trying again as it is will not help
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
 * @property {boolean} [checksum] send checksums with saves, for the service to verify
 *
 * @typedef {ReturnType<typeof createDashboardStateClient>} DashboardStateClient
 *
 * @typedef {{status: number, fields: Headers, body?: any, isUnsent?: boolean}} Answer
 */

/** Browsers let pages send 64 KiB, fields included, that outlive them. */
const KEEPALIVE_LIMIT = 60 * 1024;
const PROBLEM = 'urn:problem-type:dashboard-state:';

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
        const isUnsent = globalThis.navigator?.onLine === false;
        const ending = new AbortController();
        const end = () => ending.abort();
        const timer = setTimeout(end, timeout);
        signal?.addEventListener('abort', end);
        try {
            signal?.throwIfAborted();
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
            // What is no JSON is not this service's.
            const answer = await response.json().catch(() => undefined);
            return { status: response.status, fields: response.headers, body: answer };
        } catch {
            return { status: 0, fields: new Headers(), isUnsent };
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener('abort', end);
            signal?.throwIfAborted();
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
            const result = read(answer) ?? classify(answer);
            const { retryAfter = 0 } = /** @type {Unavailable} */ (result);
            // A wait as long as this is the caller's to plan.
            if (result.status !== 'unavailable' || failed >= (request.retries ?? retries) || retryAfter > 30_000) return result;
            await new Promise((resolve) => {
                setTimeout(resolve, retryDelay(failed, retryAfter));
                request.signal?.addEventListener('abort', resolve, { once: true });
            });
        }
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
            if (!Number.isSafeInteger(version) || version < 0) throw new TypeError('version must be an integer, 0 to 2^53-1');
            const body = {
                version,
                state,
                lastModified: request.lastModified,
                checksum: request.checksum ?? checksum ? await checksumOf(state) : undefined,
            };
            const fields = { 'Content-Type': 'application/json', ...preconditions(request) };
            return send('POST', fields, JSON.stringify(body), request, ({ status, fields, body }) => {
                if (status === 412 || (status === 200 && body?.success === false)) return conflict(body);
                if (status !== 200 || !Number.isSafeInteger(body?.serverVersion)) return undefined;
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
            return send('GET', { 'If-None-Match': request.etag }, undefined, request, ({ status, fields, body }) => {
                if (status === 304) return { status: /** @type {const} */ ('not-modified') };
                if (status === 404 && body?.type === `${PROBLEM}nothing-stored`) return { status: /** @type {const} */ ('not-found') };
                const document = status === 200 ? documentOf(body, fields.get('ETag')) : undefined;
                return document && { status: /** @type {const} */ ('found'), document };
            });
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
                return { status: /** @type {'deleted' | 'not-found'} */ (body.success ? 'deleted' : 'not-found') };
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
 * @param {any} body
 * @param {string | null} [etag] the answer's field; the document has it as a member too, without the quotes
 * @returns {StoredDocument | undefined}
 */
const documentOf = (body, etag) =>
    Number.isSafeInteger(body?.version) && isObject(body.state)
        ? { ...body, etag: etag ?? (body.etag && `"${body.etag}"`) }
        : undefined;

/**
 * @param {any} body
 * @returns {Conflict}
 */
const conflict = (body) => ({ status: 'conflict', current: documentOf(body?.current) });

/**
 * What every method's answers have in common. Whatever is not known to come from the service itself, such as a page to
 * sign in or a proxy's error, tells nothing about what is stored.
 * @param {Answer} answer
 * @returns {Unavailable | Rejected}
 */
function classify({ status, fields, body, isUnsent }) {
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
        return { status: 'rejected', httpStatus: status, problem: isObject(body) ? body : {}, isUnsent: true };
    }
    // Turned away by the web server: too many requests, or nobody to ask who the user is.
    isUnsent ??= status === 429 || body?.type === `${PROBLEM}sign-in-unavailable`;
    return { status: 'unavailable', httpStatus: status, retryAfter: parseRetryAfter(fields.get('Retry-After')), isUnsent };
}
