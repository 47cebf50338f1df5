import http from 'node:http';

/**
 * A fetch from an address of its own on loopback: to the web server, each device is another machine (it limits requests
 * by address).
 * @param {string} address in 127.0.0.0/8
 */
export const fetchFrom = (address) => (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
        const request = http.request(url, { method, headers: Object.fromEntries(headers), localAddress: address, signal }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => {
                const { statusCode: status, headers } = response;
                const empty = status === 204 || status === 304;
                resolve(new Response(empty ? null : Buffer.concat(parts), { status, headers }));
            });
        });
        request.on('error', reject);
        request.end(body);
    });

/** Where the service is, and how its two sample users sign in. */
export const baseUrl = `${process.env.DASHBOARD_STATE_SITE}/api/dashboard`;
export const signedIn = (user) => ({
    Authorization: `Basic ${Buffer.from(user === 'bob' ? 'bob:builder' : 'alice:wonderland').toString('base64')}`,
});

/** An address that no other test has. */
export const ownAddress = () => `127.${[1, 2, 3].map(() => 1 + Math.floor(Math.random() * 250)).join('.')}`;
