import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryServer } from '../simulation/server.js';
import { seeded } from '../simulation/world.js';
import { baseUrl, fetchFrom, ownAddress, signedIn } from '../support/loopback.js';

const STEPS = 300;
const TIMES = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00.000Z', undefined];

/**
 * What of an answer the client looks at, with entity tags by the order in which they came.
 * @param {{status: number, fields: Headers, body: any}} answer
 * @param {string[]} tags
 */
function comparable({ status, fields, body }, tags) {
    const known = (tag) => {
        if (!tag) return undefined;
        const bare = tag.replaceAll('"', '');
        if (!tags.includes(bare)) tags.push(bare);
        return tags.indexOf(bare);
    };
    const document = (one) => one && { version: one.version, state: one.state, ancestry: one.ancestry, etag: known(one.etag) };
    const { success, serverVersion, conflictResolution, current, type } = body ?? {};
    const isDocument = status === 200 && body.version !== undefined;
    return { status, etag: known(fields.get('ETag')), success, serverVersion, conflictResolution, type, current: document(current), ...(isDocument && document(body)) };
}

// The simulation believes the server in memory; this is why it may.
test('the server in memory answers as the service does, whatever the requests', async () => {
    const random = seeded(7);
    const pick = (list) => list[Math.floor(random() * list.length)];
    const memory = new MemoryServer();
    const send = fetchFrom(ownAddress());
    const tags = { real: [], memory: [] };
    // The web server lets nobody ask too often.
    const real = async (method, fields, text) => {
        const headers = new Headers({ ...signedIn('alice'), 'X-Workspace': 'team', ...fields });
        if (text) headers.set('Content-Type', 'application/json');
        let response = await send(`${baseUrl}/state`, { method, headers, body: text });
        while (response.status === 429) {
            await new Promise((resolve) => setTimeout(resolve, 500));
            response = await send(`${baseUrl}/state`, { method, headers, body: text });
        }
        const body = await response.json().catch(() => undefined);
        return comparable({ status: response.status, fields: response.headers, body }, tags.real);
    };
    const inMemory = (method, fields, text) => {
        const lower = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
        const answer = memory.handle({ method, fields: lower, text });
        return comparable({ ...answer, fields: new Headers(answer.fields) }, tags.memory);
    };
    await real('DELETE', {});
    let version = 0;
    for (let step = 0; step < STEPS; step += 1) {
        const method = pick(['GET', 'POST', 'POST', 'POST', 'POST', step % 10 === 0 ? 'DELETE' : 'GET']);
        // The same tag has another name at each of the two.
        const [index] = [Math.floor(random() * (tags.real.length + 1))];
        const condition = method === 'GET' ? pick([undefined, 'If-None-Match']) : pick([undefined, 'If-Match', 'If-None-Match', 'last']);
        const tagged = (list) => {
            const tag = condition === 'last' ? list.at(-1) : list[index];
            const value = condition === 'If-None-Match' && method !== 'GET' ? '*' : tag === undefined ? '"none"' : `"${tag}"`;
            return condition ? { [condition === 'last' ? 'If-Match' : condition]: value } : {};
        };
        version = Math.max(0, version + pick([-1, 0, 0, 1, 1, 1, 2]));
        const state = { widgets: [pick([1, 2])] };
        const body = { version, state, lastModified: pick(TIMES), ancestry: pick([undefined, '1abc', '1abd']) };
        // Without a time the server takes its own, which the two do not share.
        if (body.lastModified === undefined) body.version += 1;
        const text = method === 'POST' ? JSON.stringify(body) : undefined;
        const prefer = method === 'GET' ? {} : { Prefer: 'return=representation' };
        const expected = await real(method, { ...prefer, ...tagged(tags.real) }, text);
        const given = inMemory(method, { ...prefer, ...tagged(tags.memory) }, text);
        assert.deepEqual(given, expected, `step ${step}: ${method} ${JSON.stringify(tagged(tags.real))} ${text}`);
    }
});
