/**
 * A fetch for unit tests that gives what a test has written down, in that order, and keeps what it was asked. What the
 * service really answers is tested against the service (Tests/Web/service, Tests/Web/browser).
 */
export function scripted(...answers) {
    const requests = [];
    const fetch = async (url, { method, headers, body, signal, ...rest }) => {
        const text = body === undefined ? undefined : new TextDecoder().decode(body);
        requests.push({ url, method, headers: Object.fromEntries(headers), text, body: text && JSON.parse(text), ...rest });
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`no answer is left for ${method} ${url}`);
        if (answer === 'lost') throw new TypeError('fetch failed');
        if (answer === 'never') {
            return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        }
        return typeof answer === 'function' ? answer(requests.at(-1)) : answer;
    };
    return { fetch, requests, answers };
}

const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });

export const found = (version, state, etag = `"e${version}"`, members = {}) =>
    json(200, { version, lastModified: '2026-01-01T00:00:00.000Z', etag: etag.slice(1, -1), state, ...members }, { ETag: etag });
export const saved = (version, etag = `"e${version}"`) => json(200, { success: true, serverVersion: version }, { ETag: etag });
export const refused = (version, current) =>
    json(200, { success: false, serverVersion: version, conflictResolution: 'server', current });
export const failed = (version, state, etag = `"e${version}"`) =>
    json(412, { type: 'urn:problem-type:dashboard-state:precondition-failed', status: 412, current: { version, state, etag: etag.slice(1, -1) } });
export const nothing = () => json(404, { type: 'urn:problem-type:dashboard-state:nothing-stored', status: 404 });
export const unchanged = () => new Response(null, { status: 304 });
export const away = (retryAfter) => json(503, { status: 503 }, retryAfter ? { 'Retry-After': retryAfter } : {});
export const problem = (status, members = {}) => json(status, { status, ...members });
