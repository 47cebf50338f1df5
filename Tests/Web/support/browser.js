import * as sources from '../../../web/index.js';
import { Network } from '../simulation/network.js';
import { MemoryServer } from '../simulation/server.js';
import { Device, World } from '../simulation/world.js';

/** A server in memory, and browsers with tabs, in time that passes when a test says so. */
export class Lab {
    world = new World(1);
    server = new MemoryServer();
    network = new Network(this.world, this.server);
    /** What each request was, such as `POST`, with the tab that sent it. */
    log = [];

    device(how) {
        return new Device(this.world, how);
    }

    /**
     * A tab with a store.
     * @param {Device} device
     * @param {object} [options] the store's
     * @param {(go: () => Promise<any>, init: RequestInit) => Promise<any>} [hook] around each of its requests
     * @param {typeof sources} [module] what makes it
     */
    open(device, options = {}, hook = (go) => go(), module = sources) {
        const tab = device.open();
        const fetch = (url, init) => {
            const go = this.network.fetch(tab);
            this.log.push({ tab, method: init.method, headers: Object.fromEntries(init.headers), body: init.body && JSON.parse(new TextDecoder().decode(init.body)) });
            return hook(() => go(url, init), init);
        };
        this.in(tab, () => {
            tab.store = module.createDashboardStore({
                client: module.createDashboardStateClient({ fetch, baseUrl: 'http://service/api' }),
                user: 'alice',
                workspace: 'main',
                initialState: { widgets: [] },
                storage: tab.storage,
                ...options,
            });
        });
        return tab;
    }

    /** Does something in a tab. */
    in(tab, act) {
        return this.world.inTab(tab, () => act(tab.store));
    }

    set(tab, state) {
        this.in(tab, (store) => store.setState(state));
    }

    pass(ms) {
        return this.world.pass(ms);
    }

    get posts() {
        return this.log.filter(({ method }) => method === 'POST');
    }

    end() {
        this.world.end();
    }
}

/** An answer that a hook gives instead of the server's. */
export const answer = (status, type, fields = {}) => ({
    status,
    headers: new Headers(fields),
    json: async () => ({ status, ...(type && { type: `urn:problem-type:dashboard-state:${type}` }) }),
});
