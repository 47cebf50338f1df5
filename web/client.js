import { classify, readDeletion, readDocument, readSave } from './answers.js';
import { checksumOf } from './canonical.js';
import { checkClientOptions, isCount } from './options.js';
import { isObject } from './paths.js';
import { retryDelay, within } from './retry.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./answers.js').Answer} Answer
 * @typedef {import('./answers.js').StoredDocument} StoredDocument
 * @typedef {import('./answers.js').Saved} Saved
 * @typedef {import('./answers.js').Conflict} Conflict
 * @typedef {import('./answers.js').Found} Found
 * @typedef {import('./answers.js').NotModified} NotModified
 * @typedef {import('./answers.js').NotFound} NotFound
 * @typedef {import('./answers.js').Deleted} Deleted
 * @typedef {import('./answers.js').Unavailable} Unavailable
 * @typedef {import('./answers.js').Rejected} Rejected
 *
 * @typedef {object} RequestOptions
 * @property {AbortSignal} [signal] the call then rejects with the signal's reason
 * @property {number} [retries] instead of the client's
 * @property {{user?: string, workspace?: string}} [identity] whose document the page means: sent as `X-Dashboard-User` and
 *   `X-Dashboard-Workspace`, percent-encoded; the service refuses the request where it is another one's
 *
 * @typedef {object} Preconditions
 * @property {string} [ifMatch] the entity tag that must still be the stored one's
 * @property {'*'} [ifNoneMatch] nothing may be stored yet
 *
 * @typedef {object} SaveFields
 * @property {string} [lastModified] RFC 3339; decides between equal versions
 * @property {string} [ancestry] at most 64 visible ASCII characters without `"` and `\`, stored with the document
 * @property {boolean} [checksum] instead of the client's
 * @property {boolean} [keepalive] the page goes away: the request shall outlive it, if it is small enough for that
 *
 * @typedef {object} ClientOptions
 * @property {string} [baseUrl] where the service is, `/api/dashboard` unless given
 * @property {typeof globalThis.fetch} [fetch]
 * @property {HeadersInit | (() => HeadersInit | PromiseLike<HeadersInit>)} [headers] sent with each request
 * @property {string} [workspace] sent as `X-Workspace`, for a sign-in that lets users choose; percent-encoded where it has
 *   more than ASCII
 * @property {number} [timeout] ms for one attempt, 10 s unless given; 50 ms more for each KiB that is sent or announced
 * @property {number} [retries] further attempts after one that got no answer or 429/5xx, 2 unless given
 * @property {boolean} [checksum] send checksums with saves, for the service to verify
 *
 * @typedef {ReturnType<typeof createDashboardStateClient>} DashboardStateClient
 */

/** Browsers let a page's requests that outlive it have 64 KiB together; a part is left for their fields. */
const KEEPALIVE_LIMIT = 60 * 1024;
/** How many bytes of such requests are on their way, from all clients of a page. */
let keptAlive = 0;
/** A network that carries this many bytes in a ms, 160 kbit/s, is slow and no outage. */
const SLOWEST = 20;

/**
 * A field of HTTP takes no more than Latin-1, and servers understand no more than ASCII.
 * @param {string | undefined} text
 */
const fieldOf = (text) => (text && /[^\x20-\x7e]/.test(text) ? encoded(text) : text);

/** @param {string | undefined} text */
const encoded = (text) => text && encodeURIComponent(text);

/**
 * Speaks with the service. What can be expected to happen is a result, told apart by its `status`; only wrong arguments,
 * an error of the application's `headers` and the caller's own abort are thrown.
 * @param {ClientOptions} [options]
 */
export function createDashboardStateClient(options = {}) {
    checkClientOptions(options);
    const { baseUrl = '/api/dashboard', workspace, timeout = 10_000, retries = 2, checksum = false } = options;
    const url = `${baseUrl.replace(/\/+$/, '')}/state`;

    /**
     * @param {string} method
     * @param {Record<string, string | undefined>} fields
     * @param {string | undefined} text
     * @param {RequestOptions & SaveFields} request
     * @returns {Promise<Answer>}
     */
    async function attempt(method, fields, text, request) {
        request.signal?.throwIfAborted();
        let given = /** @type {any} */ (typeof options.headers === 'function' ? options.headers() : options.headers);
        // Later only where `headers` has it so: a page that goes away has no later.
        if (typeof given?.then === 'function') {
            // It may give a promise in its turn.
            const result = await within(Promise.resolve(given), timeout);
            if (!result) throw new Error(`headers gave nothing within ${timeout} ms`);
            given = result.value;
        }
        const headers = new Headers(given);
        for (const [name, value] of Object.entries(fields)) if (value !== undefined) headers.set(name, value);
        return exchange(method, headers, text, request);
    }

    /**
     * Sends, and gives up after a while, whatever `fetch` thinks of that.
     * @param {string} method
     * @param {Headers} headers
     * @param {string | undefined} text
     * @param {RequestOptions & SaveFields} request
     * @returns {Promise<Answer>}
     */
    async function exchange(method, headers, text, { signal, keepalive: isLeaving = false }) {
        signal?.throwIfAborted();
        const body = text === undefined ? text : new TextEncoder().encode(text);
        const size = body?.length ?? 0;
        const keepalive = isLeaving && keptAlive + size <= KEEPALIVE_LIMIT;
        const ending = new AbortController();
        if (keepalive) keptAlive += size;
        try {
            const { fetch = globalThis.fetch } = options;
            const init = { method, headers, body, cache: 'no-store', redirect: 'manual', keepalive, signal: ending.signal };
            const started = fetch(url, /** @type {RequestInit} */ (init));
            const response = (await within(started, timeout + size / SLOWEST, signal))?.value;
            if (response) {
                const announced = Number(response.headers.get('Content-Length')) || 1 << 20;
                // What is no JSON is not this service's.
                const reading = response.json().catch(() => undefined);
                const read = await within(reading, timeout + announced / SLOWEST, signal);
                if (read) return { status: response.status, fields: response.headers, body: read.value };
            }
        } catch {
            signal?.throwIfAborted();
        } finally {
            if (keepalive) keptAlive -= size;
            ending.abort();
        }
        // Whatever the browser says of the network: what was handed over may have left.
        return { status: 0, fields: new Headers(), isUnsent: false };
    }

    /**
     * @template {{status: string}} Result
     * @param {string} method
     * @param {Record<string, string | undefined>} fields
     * @param {string | undefined} body
     * @param {RequestOptions & SaveFields} request
     * @param {(answer: Answer) => Result | undefined} read understands the answers that this method alone has
     * @returns {Promise<Result | Unavailable | Rejected>}
     */
    async function send(method, fields, body, request, read) {
        const { identity = {}, signal } = request;
        const all = {
            ...fields,
            'X-Workspace': fieldOf(workspace),
            'X-Dashboard-User': encoded(identity.user),
            'X-Dashboard-Workspace': encoded(identity.workspace),
        };
        for (let failed = 0; ; failed += 1) {
            const answer = await attempt(method, all, body, request);
            const result = read(answer) ?? classify(answer);
            const { retryAfter = 0 } = /** @type {Unavailable} */ (result);
            // A wait as long as this is the caller's to plan.
            if (result.status !== 'unavailable' || failed >= (request.retries ?? retries) || retryAfter > 30_000) return result;
            await within(new Promise(() => {}), retryDelay(failed, retryAfter), signal);
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
            if (!isCount(version)) throw new TypeError('version must be an integer from 0');
            const { lastModified, ancestry } = request;
            const sum = request.checksum ?? checksum ? await checksumOf(state) : undefined;
            const body = JSON.stringify({ version, state, lastModified, ancestry, checksum: sum });
            const fields = { 'Content-Type': 'application/json', ...preconditions(request) };
            return send('POST', fields, body, request, readSave);
        },

        /**
         * Reads what is stored.
         * @param {RequestOptions & {etag?: string}} [request] with the entity tag of what is known already, the answer may
         *   be `not-modified`
         * @returns {Promise<Found | NotModified | NotFound | Unavailable | Rejected>}
         */
        async getDashboardState(request = {}) {
            return send('GET', { 'If-None-Match': request.etag }, undefined, request, readDocument);
        },

        /**
         * Deletes what is stored. Tried again only with `ifMatch`: without it, a second attempt might delete what another
         * device has saved meanwhile.
         * @param {RequestOptions & Preconditions} [request]
         * @returns {Promise<Deleted | NotFound | Conflict | Unavailable | Rejected>}
         */
        async deleteDashboardState(request = {}) {
            const once = request.ifMatch === undefined ? { ...request, retries: 0 } : request;
            return send('DELETE', preconditions(request), undefined, once, readDeletion);
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
