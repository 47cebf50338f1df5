/** No wait is longer than a day: a clock that is years behind would turn a date into never. */
export const MAX_WAIT = 86_400_000;

/**
 * How long to wait before a further attempt: twice as long each time, up to half a minute, never less than the server
 * asked for (a day at most), and never the same for all clients, which would come back together.
 * @param {number} attempt how many have failed since the last success, from 0
 * @param {number} [retryAfter] ms that the server asked for
 * @returns {number} ms
 */
export function retryDelay(attempt, retryAfter = 0) {
    return Math.min(retryAfter, MAX_WAIT) + Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/**
 * The field Retry-After (RFC 9110 section 10.2.3), seconds or a date.
 * @param {string | null} field
 * @param {string | null} [date] the answer's field Date: the device's own clock may be wrong
 * @returns {number | undefined} ms from now
 */
export function parseRetryAfter(field, date) {
    const now = Date.parse(date ?? '') || Date.now();
    const ms = Number(field) * 1000 || Date.parse(field ?? '') - now;
    return ms > 0 ? ms : undefined;
}

/**
 * What a promise gives, if it does so in time.
 * @template Result
 * @param {PromiseLike<Result>} promise
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<{value: Result} | undefined>} nothing after this time; rejects as the promise does, and with the signal's
 *   reason
 */
export function within(promise, ms, signal) {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    /** @type {() => void} */
    let abort;
    return new Promise((resolve, reject) => {
        timer = setTimeout(resolve, Math.min(ms, MAX_WAIT));
        abort = () => reject(signal?.reason);
        signal?.addEventListener('abort', abort);
        if (signal?.aborted) abort();
        promise.then((value) => resolve({ value }), reject);
    }).finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
    });
}
