import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createDashboardStateClient } from '../../../web/client.js';
import { baseUrl, fetchFrom, ownAddress, signedIn } from '../support/loopback.js';

const fetch = fetchFrom(ownAddress());
const make = (options) => createDashboardStateClient({ baseUrl, fetch, headers: signedIn('bob'), workspace: 'team', ...options });
const client = make();
before(() => client.deleteDashboardState());

test('nothing, a save, a read, a conditional read, a deletion', async () => {
    assert.deepEqual(await client.getDashboardState(), { status: 'not-found' });
    const saved = await client.saveDashboardState({ widgets: [1] }, 3, { ifNoneMatch: '*', lastModified: '2026-01-02T03:04:05Z' });
    assert.equal(saved.status, 'saved');
    assert.equal(saved.version, 3);
    const { document } = await client.getDashboardState();
    assert.deepEqual(document.state, { widgets: [1] });
    assert.equal(document.etag, saved.etag);
    assert.equal(Date.parse(document.lastModified), Date.parse('2026-01-02T03:04:05Z'));
    assert.deepEqual(await client.getDashboardState({ etag: saved.etag }), { status: 'not-modified' });
    assert.deepEqual(await client.deleteDashboardState({ ifMatch: saved.etag }), { status: 'deleted' });
    assert.deepEqual(await client.deleteDashboardState(), { status: 'not-found' });
});

test('conflicts carry what is stored, and its entity tag', async () => {
    const first = await client.saveDashboardState({ a: 1 }, 5);
    for (const [version, precondition] of [[4, {}], [6, { ifNoneMatch: '*' }], [6, { ifMatch: '"another"' }]]) {
        const { status, current } = await client.saveDashboardState({ a: 2 }, version, precondition);
        assert.equal(status, 'conflict');
        assert.deepEqual([current.version, current.state, current.etag], [5, { a: 1 }, first.etag]);
    }
    assert.equal((await client.saveDashboardState({ a: 2 }, 6, { ifMatch: first.etag })).replaced, true);
    assert.equal((await client.deleteDashboardState({ ifMatch: first.etag })).status, 'conflict');
});

test('a repeated save is the same success', async () => {
    await client.deleteDashboardState();
    const first = await client.saveDashboardState({ a: 1 }, 1, { ifNoneMatch: '*' });
    assert.deepEqual(await client.saveDashboardState({ a: 1 }, 1, { ifNoneMatch: '*' }), first);
});

test('the service verifies the checksum that the client computes', async () => {
    const state = { b: [1e21, 0.1, -0], a: 'ö\u20ac😀\u0007', 10: null, 9: true };
    const checking = make({ checksum: true });
    const { document } = (await checking.saveDashboardState(state, 100), await checking.getDashboardState());
    assert.match(document.checksum, /^[0-9a-f]{64}$/);
    const broken = make({ checksum: true, fetch: (url, init) => fetch(url, { ...init, body: Buffer.from(init.body).map((byte) => (byte === 0x6e ? 0x6d : byte)) }) });
    assert.equal((await broken.saveDashboardState({ n: 'n' }, 101)).status, 'rejected');
});

test('rejections carry the service’s problem', async () => {
    const unknown = await make({ headers: {} }).getDashboardState();
    assert.deepEqual([unknown.status, unknown.httpStatus], ['rejected', 401]);
    const foreign = await make({ workspace: 'theirs' }).getDashboardState();
    assert.deepEqual([foreign.status, foreign.httpStatus], ['rejected', 403]);
    const large = await client.saveDashboardState({ a: 'x'.repeat(1_048_576) }, 200);
    assert.deepEqual([large.status, large.httpStatus, large.problem.limit], ['rejected', 413, 1_048_576]);
    const elsewhere = await make({ retries: 0, baseUrl: baseUrl.replace('/api/dashboard', '/api/dashboard/nowhere') }).getDashboardState();
    // It could be anybody's: a proxy says so too while it is being set up.
    assert.deepEqual([elsewhere.status, elsewhere.httpStatus], ['unavailable', 404]);
});

test('a server that is not there is unavailable', async () => {
    const result = await make({ baseUrl: 'http://127.0.0.1:1/api', retries: 0 }).getDashboardState();
    assert.deepEqual([result.status, result.httpStatus], ['unavailable', 0]);
});
