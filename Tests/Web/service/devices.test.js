import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDashboardStateClient, createDashboardStore } from '../../../web/index.js';
import { canonicalise } from '../../../web/canonical.js';
import { History } from '../support/history.js';
import { baseUrl, fetchFrom, ownAddress, signedIn } from '../support/loopback.js';
import { MemoryStorage } from '../support/storage.js';

const SEEDS = (process.env.SEEDS ?? '1,2,3,4').split(',').map(Number);
const DEVICES = 4;
const EDITS = 40;

/** Numbers that a seed repeats. */
function seeded(seed) {
    return (below) => {
        seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
        return Math.floor((((seed ^ (seed >>> 12)) >>> 0) / 2 ** 32) * below);
    };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A device whose requests get lost, on the way there or back, and late; and which restarts. */
class Device {
    #storage = new MemoryStorage();
    #fetch = fetchFrom(ownAddress());
    isOnline = true;
    trouble = 20;

    constructor(user, random, history, options) {
        Object.assign(this, { user, random, history, options });
        this.start();
    }

    start() {
        const fetch = async (...request) => {
            const fate = this.random(100);
            if (!this.isOnline || fate < this.trouble / 2) throw new TypeError('lost on the way there');
            await pause(this.random(15));
            const response = await this.#fetch(...request);
            await pause(this.random(15));
            if (fate < this.trouble) throw new TypeError('lost on the way back');
            return response;
        };
        this.store = createDashboardStore({
            client: createDashboardStateClient({ baseUrl, fetch, headers: signedIn(this.user) }),
            user: this.user,
            workspace: 'main',
            initialState: { widgets: [] },
            storage: this.#storage,
            debounce: 5,
            isAuthenticated: true,
            ...this.options,
        });
        this.store.subscribe(() => this.history.report(this.store.conflicts));
    }

    restart() {
        this.store.destroy();
        this.start();
    }

    edit() {
        const { random, history, store } = this;
        const { widgets } = store.getState();
        const widget = widgets[random(widgets.length)];
        const kind = random(10);
        if (!widget || kind < 3) {
            const made = { id: history.token(), x: history.token(), y: history.token() };
            const at = random(widgets.length + 1);
            store.setState({ ...store.getState(), widgets: [...widgets.slice(0, at), made, ...widgets.slice(at)] });
        } else if (kind < 7) {
            const member = random(2) ? 'x' : 'y';
            const token = history.token();
            history.overwrite(widget[member], token);
            const next = { ...widget, [member]: token };
            store.setState({ ...store.getState(), widgets: widgets.map((one) => (one === widget ? next : one)) });
        } else if (kind < 8) {
            history.remove(widget);
            store.setState({ ...store.getState(), widgets: widgets.filter((one) => one !== widget) });
        } else {
            const token = history.token();
            history.overwrite(store.getState().activeProject, token);
            store.setState({ ...store.getState(), activeProject: token });
        }
    }
}

for (const seed of SEEDS) {
    const conflictPolicy = ['server', 'client', ({ local, remote }) => (canonicalise(local) > canonicalise(remote) ? local : remote)][seed % 3];
    test(`devices converge and nothing vanishes unreported, seed ${seed}`, { timeout: 120_000 }, async () => {
        const random = seeded(seed);
        const user = seed % 2 ? 'alice' : 'bob';
        const client = createDashboardStateClient({ baseUrl, fetch: fetchFrom(ownAddress()), headers: signedIn(user) });
        await client.deleteDashboardState();
        const history = new History();
        const devices = Array.from({ length: DEVICES }, () => new Device(user, random, history, { conflictPolicy }));
        for (let edit = 0; edit < DEVICES * EDITS; edit += 1) {
            const device = devices[random(DEVICES)];
            const kind = random(20);
            if (kind < 2) device.isOnline = !device.isOnline;
            else if (kind < 3) device.restart();
            else if (kind < 4) void device.store.restoreFromServer();
            else device.edit();
            if (random(3) === 0) await pause(random(40));
        }
        // The trouble ends, and everybody looks once more, until nobody has anything new.
        for (const device of devices) Object.assign(device, { isOnline: true, trouble: 0 });
        for (let round = 0; round < 20; round += 1) {
            for (const { store } of devices) assert.deepEqual(await store.restoreFromServer(), { status: 'synced' });
            const forms = new Set(devices.map(({ store }) => canonicalise(store.getState())));
            if (forms.size === 1 && !devices.some(({ store }) => store.hasUnsyncedChanges)) break;
        }
        const { document } = await client.getDashboardState();
        for (const { store } of devices) {
            assert.deepEqual(store.getState(), document.state);
            assert.equal(store.hasUnsyncedChanges, false);
        }
        history.check(document.state);
        for (const { store } of devices) store.destroy();
    });
}
