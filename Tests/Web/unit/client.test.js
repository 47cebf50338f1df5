import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { checksumOf } from '../../../web/canonical.js';
import { createDashboardStateClient } from '../../../web/client.js';
import { away, failed, found, nothing, problem, refused, saved, scripted, unchanged } from '../support/answers.js';
import { Clock } from '../support/clock.js';

let clock;
beforeEach(() => void (clock = new Clock()));
afterEach(() => clock.restore());

/** A client over answers, and what it was asked. */
function over(answers, options) {
    const { fetch, requests } = scripted(...answers);
    return { client: createDashboardStateClient({ fetch, retries: 0, ...options }), requests };
}

test('a save says version and state, and asks for what is stored if it is refused', async () => {
    const { client, requests } = over([saved(3)], { baseUrl: '/base/', workspace: 'team', headers: { Authorization: 'x' } });
    const result = await client.saveDashboardState({ widgets: [] }, 3, { ifMatch: '"e2"', lastModified: '2026-01-01T00:00:00Z' });
    assert.deepEqual(result, { status: 'saved', version: 3, etag: '"e3"', replaced: false });
    const [request] = requests;
    assert.equal(request.url, '/base/state');
    assert.equal(request.method, 'POST');
    assert.equal(request.text, '{"version":3,"state":{"widgets":[]},"lastModified":"2026-01-01T00:00:00Z"}');
    assert.deepEqual(request.headers, {
        authorization: 'x',
        'content-type': 'application/json',
        'if-match': '"e2"',
        prefer: 'return=representation',
        'x-workspace': 'team',
    });
});

test('a refused save and a failed precondition are conflicts, with what is stored', async () => {
    const current = { version: 9, state: { a: 1 }, etag: '"e9"' };
    const { client } = over([refused(9, { ...current, etag: 'e9' }), failed(9, { a: 1 }), refused(9), problem(412)]);
    assert.deepEqual(await client.saveDashboardState({}, 1), { status: 'conflict', current });
    assert.deepEqual(await client.saveDashboardState({}, 1), { status: 'conflict', current });
    assert.deepEqual(await client.saveDashboardState({}, 1), { status: 'conflict', current: undefined });
    assert.deepEqual(await client.saveDashboardState({}, 1), { status: 'conflict', current: undefined });
});

test('a read is found, not modified or not found', async () => {
    const { client, requests } = over([found(4, { a: 1 }), unchanged(), nothing()]);
    const { document } = await client.getDashboardState();
    assert.deepEqual([document.version, document.state, document.etag], [4, { a: 1 }, '"e4"']);
    assert.deepEqual(await client.getDashboardState({ etag: '"e4"' }), { status: 'not-modified' });
    assert.deepEqual(await client.getDashboardState(), { status: 'not-found' });
    assert.deepEqual(requests.map(({ headers }) => headers['if-none-match']), [undefined, '"e4"', undefined]);
});

test('an outage never looks like no state', async () => {
    const page = (status) => new Response('<html>', { status });
    const answers = ['lost', away(), page(502), page(200), page(302), problem(500), problem(408), new Response('{}')];
    const { client } = over(answers);
    for (const _ of [...answers]) assert.equal((await client.getDashboardState()).status, 'unavailable');
});

test('a 404 that is not the service’s own does not look like no state', async () => {
    const { client } = over([new Response('not found', { status: 404 }), problem(404, { type: 'about:blank' })]);
    // Nor like the service's refusal: a proxy says such things while it restarts.
    assert.equal((await client.getDashboardState()).status, 'unavailable');
    assert.equal((await client.getDashboardState()).status, 'unavailable');
});

test('what will not help to repeat is rejected, with its problem, and not repeated', async () => {
    const { client, requests } = over([problem(413, { limit: 10 }), problem(401)], { retries: 5 });
    const result = await client.saveDashboardState({}, 1);
    assert.deepEqual(result, { status: 'rejected', httpStatus: 413, problem: { status: 413, limit: 10 }, isUnsent: true });
    assert.equal((await client.getDashboardState()).httpStatus, 401);
    assert.equal(requests.length, 2);
});

test('no answer in time is unavailable, and ends the request', async () => {
    const { client } = over(['never'], { timeout: 1000 });
    const result = client.getDashboardState();
    await clock.advance(1000);
    assert.deepEqual(await result, { status: 'unavailable', httpStatus: 0, retryAfter: undefined, isUnsent: false });
});

test('reads and saves are tried again as they were, with growing and jittered waits', async () => {
    const { client, requests } = over(['lost', away(), 'lost', saved(1)], { retries: 3 });
    const result = client.saveDashboardState({ a: 1 }, 1);
    await clock.advance(249);
    assert.equal(requests.length, 1);
    await clock.advance(251);
    assert.equal(requests.length, 2);
    await clock.advance(1000);
    assert.equal(requests.length, 3);
    await clock.advance(2000);
    assert.equal((await result).status, 'saved');
    assert.equal(new Set(requests.map(({ text }) => text)).size, 1);
});

test('Retry-After is the least that is waited, in seconds or as a date', async () => {
    const date = () => away(new Date(clock.now + 7000).toUTCString());
    const { client, requests } = over([away('5'), date, saved(1)], { retries: 2 });
    const result = client.saveDashboardState({}, 1);
    await clock.advance(5000);
    assert.equal(requests.length, 1);
    await clock.advance(500);
    assert.equal(requests.length, 2);
    await clock.advance(6000);
    assert.equal(requests.length, 2);
    await clock.advance(2000);
    assert.equal((await result).status, 'saved');
});

test('a wait too long for one call is left to the caller', async () => {
    const { client } = over([away('120')], { retries: 2 });
    const result = await client.getDashboardState();
    assert.deepEqual(result, { status: 'unavailable', httpStatus: 503, retryAfter: 120_000, isUnsent: false });
});

test('a deletion is deleted, not found or a conflict', async () => {
    const { client, requests } = over([Response.json({ success: true }), Response.json({ success: false }), failed(3, {})]);
    assert.deepEqual(await client.deleteDashboardState({ ifMatch: '"e1"' }), { status: 'deleted' });
    assert.deepEqual(await client.deleteDashboardState(), { status: 'not-found' });
    assert.equal((await client.deleteDashboardState({ ifMatch: '"e1"' })).status, 'conflict');
    assert.equal(requests[0].headers['if-match'], '"e1"');
});

test('a deletion is tried again only where it cannot delete what came after it', async () => {
    const { client, requests } = over(['lost', 'lost', Response.json({ success: true })], { retries: 3 });
    assert.equal((await client.deleteDashboardState()).status, 'unavailable');
    assert.equal(requests.length, 1);
    const result = client.deleteDashboardState({ ifMatch: '"e1"' });
    await clock.advance(1000);
    assert.equal((await result).status, 'deleted');
});

test('the caller’s abort is thrown, in a request and between two', async () => {
    const { client } = over(['never', 'lost'], { retries: 1 });
    for (const ms of [10, 100]) {
        const ending = new AbortController();
        const result = client.getDashboardState({ signal: ending.signal });
        const thrown = assert.rejects(result, { message: 'enough' });
        await clock.advance(ms);
        ending.abort(new Error('enough'));
        await thrown;
    }
});

test('wrong arguments are thrown', async () => {
    const { client } = over([]);
    for (const state of [null, [], 'x', undefined]) await assert.rejects(client.saveDashboardState(state, 1), TypeError);
    for (const version of [-1, 1.5, 2 ** 53, '1']) await assert.rejects(client.saveDashboardState({}, version), TypeError);
});

test('headers may come from a function, at once or later', async () => {
    let token = 0;
    const { client, requests } = over([nothing(), nothing()], { headers: () => ({ Authorization: `t${(token += 1)}` }) });
    await client.getDashboardState();
    await client.getDashboardState();
    assert.deepEqual(requests.map(({ headers }) => headers.authorization), ['t1', 't2']);
    const later = over([nothing()], { headers: async () => ({ Authorization: 'later' }) });
    await later.client.getDashboardState();
    assert.equal(later.requests[0].headers.authorization, 'later');
});

test('a save outlives the page only when it is left, and as much as browsers let a page send, together', async () => {
    const { client, requests } = over([saved(1), saved(1), saved(1), saved(1), saved(1)]);
    const keepalive = true;
    const first = client.saveDashboardState({ a: 'x'.repeat(40_000) }, 1, { keepalive });
    const second = client.saveDashboardState({ a: 'ö'.repeat(15_000) }, 1, { keepalive });
    const third = client.saveDashboardState({ a: 'x'.repeat(15_000) }, 1, { keepalive });
    // At once: nothing to wait for.
    assert.deepEqual(requests.map((request) => request.keepalive), [true, false, true]);
    await Promise.all([first, second, third]);
    await client.saveDashboardState({ a: 'x'.repeat(60_000) }, 1, { keepalive });
    await client.saveDashboardState({ a: 1 }, 1);
    assert.deepEqual(requests.slice(3).map((request) => request.keepalive), [true, false]);
});

test('a checksum is sent when asked for', async () => {
    clock.restore();
    const state = { b: 1, a: 2 };
    const checksum = await checksumOf(state);
    const { client, requests } = over([saved(1), saved(1)], { checksum: true });
    await client.saveDashboardState(state, 1);
    assert.equal(requests[0].body.checksum, checksum);
    await client.saveDashboardState(state, 1, { checksum: false });
    assert.equal(requests[1].body.checksum, undefined);
});

test('a save says whether it certainly did not arrive', async () => {
    const answers = [problem(429), problem(503, { type: 'urn:problem-type:dashboard-state:sign-in-unavailable' }), away(), 'lost'];
    const { client } = over([...answers, 'lost']);
    const unsent = [];
    for (const _ of answers) unsent.push((await client.saveDashboardState({}, 1)).isUnsent);
    assert.deepEqual(unsent, [true, true, false, false]);
    const { navigator } = globalThis;
    Object.defineProperty(globalThis, 'navigator', { value: { onLine: false }, configurable: true });
    try {
        assert.equal((await client.saveDashboardState({}, 1)).isUnsent, false, 'the browser need not know');
    } finally {
        Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    }
});

test('requests go around the browser’s cache and follow no redirect', async () => {
    const { client, requests } = over([nothing()]);
    await client.getDashboardState();
    assert.equal(requests[0].cache, 'no-store');
    assert.equal(requests[0].redirect, 'manual');
});

test('headers may be any thenable, of whatever Promise; one that gives nothing is an error of the application’s', async () => {
    const field = { Authorization: 'token' };
    const { client, requests } = over([nothing()], { headers: () => ({ then: (done) => done(field) }) });
    await client.getDashboardState();
    assert.equal(requests[0].headers.authorization, 'token');
    const twice = over([nothing()], { headers: () => ({ then: (done) => done(Promise.resolve(field)) }) });
    await twice.client.getDashboardState();
    assert.equal(twice.requests[0].headers.authorization, 'token');
    // zone.js puts its own Promise in the place of the page's, and async functions go on giving native ones.
    const Native = globalThis.Promise;
    globalThis.Promise = Object.assign(function Zone(begin) { return new Native(begin); }, { resolve: (value) => Native.resolve(value) });
    try {
        const zoned = over([nothing()], { headers: async () => field });
        await zoned.client.getDashboardState();
        assert.equal(zoned.requests[0].headers.authorization, 'token');
    } finally {
        globalThis.Promise = Native;
    }
    for (const [headers, message] of [
        [() => { throw new Error('refresh failed'); }, /refresh failed/],
        [async () => { throw new Error('refresh failed'); }, /refresh failed/],
        [() => ({ 'no name': '1' }), /./],
    ]) {
        const made = over([], { headers });
        await assert.rejects(made.client.getDashboardState(), message);
        assert.deepEqual(made.requests, []);
    }
    const waiting = over([], { headers: () => new Promise(() => {}), timeout: 1000 });
    const result = assert.rejects(waiting.client.getDashboardState(), /headers gave nothing/);
    await clock.advance(1000);
    await result;
});

test('what is more than ASCII goes percent-encoded', async () => {
    const { client, requests } = over([nothing(), nothing()], { workspace: 'Łódź' });
    await client.getDashboardState({ identity: { user: 'a/b', workspace: '研发' } });
    await client.getDashboardState();
    assert.equal(requests[0].headers['x-workspace'], '%C5%81%C3%B3d%C5%BA');
    assert.equal(requests[0].headers['x-dashboard-user'], 'a%2Fb');
    assert.equal(requests[0].headers['x-dashboard-workspace'], '%E7%A0%94%E5%8F%91');
    assert.equal(requests[1].headers['x-dashboard-user'], undefined);
});

test('only the service’s own problems, 401, 403 and 413 are refusals', async () => {
    const own = (status, type) => problem(status, { type: `urn:problem-type:dashboard-state:${type}` });
    const page = (status) => new Response('<html>', { status });
    const refusals = [own(400, 'invalid-body'), own(422, 'checksum-mismatch'), own(428, 'precondition-required'), page(401), page(403), page(413), problem(401)];
    const outages = [page(400), page(404), page(422), problem(400, { type: 'about:blank' }), problem(404), own(503, 'outcome-unknown'), own(507, 'storage-full'), page(451)];
    for (const [answers, status] of [[refusals, 'rejected'], [outages, 'unavailable']]) {
        const { client } = over([...answers]);
        for (const _ of answers) assert.equal((await client.saveDashboardState({}, 1)).status, status);
    }
});

test('a time-out grows with what is sent, and with what is announced', async () => {
    const { client } = over(['never', 'never'], { timeout: 1000 });
    for (const [size, ms] of [[10, 1000], [1_000_000, 51_000]]) {
        let isOver = false;
        void client.saveDashboardState({ a: 'x'.repeat(size) }, 1).then(() => (isOver = true));
        await clock.advance(ms - 1);
        assert.equal(isOver, false, `${size} bytes`);
        await clock.advance(100);
        assert.equal(isOver, true, `${size} bytes`);
    }
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const slow = over([() => new Response(body, { headers: { 'Content-Length': '1000000' } })], { timeout: 1000 });
    const reading = slow.client.getDashboardState();
    await clock.advance(50_000);
    await clock.advance(1001);
    assert.equal((await reading).status, 'unavailable');
});

test('a fetch that does not end when it is told to is not waited for', async () => {
    const { client } = over([() => new Promise(() => {}), () => new Promise(() => {})], { timeout: 1000 });
    const result = client.getDashboardState();
    await clock.advance(1000);
    assert.equal((await result).status, 'unavailable');
    const ending = new AbortController();
    const aborted = assert.rejects(client.getDashboardState({ signal: ending.signal }), { message: 'enough' });
    ending.abort(new Error('enough'));
    await aborted;
});

test('a state that has no canonical form is sent without a checksum', async () => {
    clock.restore();
    const { client, requests } = over([saved(1)], { checksum: true });
    await client.saveDashboardState({ a: '\ud800' }, 1, { ancestry: '1abc' });
    assert.equal(requests[0].body.checksum, undefined);
    assert.equal(requests[0].body.ancestry, '1abc');
});
