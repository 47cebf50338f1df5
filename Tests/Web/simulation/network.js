import { problem } from './server.js';

/**
 * The way to the server, on which everything happens that can: requests and answers get lost, late or turned away.
 */
export class Network {
    requests = 0;
    /** Of a thousand requests, how many meet something. */
    trouble = 0;

    constructor(world, server) {
        Object.assign(this, { world, server });
    }

    /** What may become of a request: how it is answered, whether it arrives, and how late. */
    #fate() {
        const { world } = this;
        if (world.random(1000) >= this.trouble) return { arrives: true };
        const answered = (status, type, arrives) => ({ arrives, answer: problem(status, type) });
        switch (world.random(11)) {
            case 0:
                return { arrives: false, isLost: true };
            case 1:
            case 2:
                return { arrives: true, isLost: true };
            case 3:
                // Turned away by the web server, and the next one perhaps too.
                return { arrives: false, answer: { status: 429, fields: { 'Retry-After': '1' }, body: {} } };
            case 4:
                return answered(401, 'no-user', false);
            case 5:
                return answered(503, 'storage-unavailable', false);
            case 6:
                return answered(503, 'outcome-unknown', world.random(2) === 0);
            case 7:
                return { arrives: world.random(2) === 0, answer: { status: 502, fields: {}, body: undefined } };
            case 8:
                return answered(413, 'body-too-large', false);
            case 9:
                // It is given up, and arrives nevertheless.
                return { arrives: true, isLost: true, delay: 20_000 };
            default:
                return { arrives: true, delay: 3000 };
        }
    }

    /** @param tab whose requests these are */
    fetch(tab) {
        return (url, { method, headers, body, signal, keepalive }) =>
            new Promise((resolve, reject) => {
                const { world } = this;
                this.requests += 1;
                const request = { method, fields: Object.fromEntries(headers), text: body && new TextDecoder().decode(body) };
                const fate = this.#fate();
                const way = (fate.delay ?? 5) + world.random(20);
                signal.addEventListener('abort', () => reject(signal.reason));
                if (!tab.navigator.onLine) return void world.after(way, tab, () => reject(new TypeError('offline')));
                world.after(way, undefined, () => {
                    // A page that is left takes its requests with it, unless they are meant to outlive it.
                    const isCut = tab.isClosed && !keepalive && world.random(2) === 0;
                    let { answer } = fate;
                    if (!tab.device.isSignedIn) answer = problem(401, 'no-user');
                    else if (fate.arrives && !isCut) {
                        const given = this.server.handle(request);
                        answer ??= given;
                    }
                    const back = 5 + world.random(20);
                    if (fate.isLost) return world.after(back, tab, () => reject(new TypeError('lost')));
                    world.after(back, tab, () => resolve(response(answer)));
                });
            });
    }
}

/** As much of a Response as the client looks at. */
const response = ({ status, fields, body }) => ({
    status,
    headers: new Headers(fields),
    json: async () => {
        if (body === undefined) throw new SyntaxError('no JSON');
        return structuredClone(body);
    },
});
