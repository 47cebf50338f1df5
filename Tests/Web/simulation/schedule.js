import assert from 'node:assert/strict';
import { canonicalise } from '../../../web/canonical.js';
import { createDashboardStateClient, createDashboardStore } from '../../../web/index.js';
import { History } from '../support/history.js';
import { Network } from './network.js';
import { MemoryServer } from './server.js';
import { Device, World } from './world.js';

const later = ({ local, remote }) => (canonicalise(local ?? null) > canonicalise(remote ?? null) ? local : remote);
const POLICIES = ['server', 'client', later];

/** Two releases, with widgets of two forms. Each understands what the other one has saved. */
const up = (state) => ({ ...state, widgets: (state.widgets ?? []).map(({ x, y, ...widget }) => (x === undefined ? widget : { ...widget, place: { x, y } })) });
const down = (state) => ({ ...state, widgets: (state.widgets ?? []).map(({ place, ...widget }) => (place ? { ...widget, ...place } : widget)) });
const RELEASES = [{ migrate: down }, { schemaVersion: 2, migrate: up }];

/**
 * Devices of one user, of whom nobody waits for anybody; what they do and what befalls them is the seed's.
 */
export class Schedule {
    history = new History();
    backups = [];

    constructor(seed, { devices = 3, steps = 60 } = {}) {
        this.world = new World(seed);
        const { random } = this.world;
        this.random = random;
        this.steps = steps;
        this.server = new MemoryServer();
        this.network = new Network(this.world, this.server);
        this.policy = POLICIES[random(3)];
        // Some schedules are all of one kind of trouble, so that each is seen often.
        this.hasReleases = random(4) === 0;
        this.hasLosses = random(3) === 0;
        this.network.trouble = [0, 100, 300][random(3)];
        this.devices = Array.from({ length: 1 + random(devices) }, () => {
            const kind = this.hasReleases ? 3 : random(6);
            const latency = 1 + random(3);
            const lag = kind < 2 ? 1 + random(4) : 0;
            const device = new Device(this.world, { latency, lag, isBlocked: kind === 5, hasLocks: random(4) > 0, hasChannels: random(8) > 0 });
            return Object.assign(device, { release: this.hasReleases ? random(2) : 0 });
        });
        for (const device of this.devices) for (let tabs = 1 + random(2); tabs > 0; tabs -= 1) this.open(device);
    }

    open(device, release = device.release) {
        const tab = device.open();
        tab.release = release;
        this.world.inTab(tab, () => {
            tab.store = createDashboardStore({
                client: createDashboardStateClient({ fetch: this.network.fetch(tab), baseUrl: 'http://service/api' }),
                user: 'alice',
                workspace: 'main',
                initialState: { widgets: [] },
                storage: tab.storage,
                conflictPolicy: this.policy,
                ...(this.hasReleases && RELEASES[release]),
            });
            tab.store.subscribe(() => this.history.report(tab.store.conflicts));
        });
        return tab;
    }

    pick(list) {
        return list[this.random(list.length)];
    }

    /** @param change what of the state becomes another one */
    edit(tab, change) {
        this.world.inTab(tab, () => tab.store.setState((state) => change(structuredClone(state)) ?? state));
    }

    /** A widget's values in either release's form. */
    values(widget) {
        return widget.place ?? widget;
    }

    change(tab) {
        const { history, random } = this;
        const kind = random(12);
        this.edit(tab, (state) => {
            const { widgets } = state;
            const widget = this.pick(widgets);
            if (!widget || kind < 3) {
                const values = { x: history.token(), y: history.token() };
                const made = { id: history.token(), ...(tab.release === 1 ? { place: values } : values) };
                widgets.splice(random(widgets.length + 1), 0, made);
            } else if (kind < 7) {
                const name = random(2) ? 'x' : 'y';
                const token = history.token();
                history.overwrite(this.values(widget)[name], token);
                tab.last = { id: widget.id, name, token, old: this.values(widget)[name] };
                this.values(widget)[name] = token;
            } else if (kind < 8) this.takeBack(tab, state);
            else if (kind < 9) {
                history.remove({ id: widget.id, ...this.values(widget) });
                tab.removed = structuredClone(widget);
                state.widgets = widgets.filter((one) => one !== widget);
            } else if (kind < 10) widgets.reverse();
            else {
                const token = history.token();
                if (state.activeProject) history.overwrite(state.activeProject, token);
                state.activeProject = token;
            }
            return state;
        });
    }

    /** Undoes the tab's last removal or change, if nobody has changed it since. */
    takeBack(tab, state) {
        const { history } = this;
        const { removed, last } = tab;
        if (removed && !state.widgets.some(({ id }) => id === removed.id)) {
            for (const token of [removed.id, ...Object.values(this.values(removed))]) history.overwrite(`removed ${removed.id}`, token);
            state.widgets.push(removed);
            tab.removed = undefined;
        } else if (last) {
            const widget = state.widgets.find(({ id }) => id === last.id);
            if (widget && this.values(widget)[last.name] === last.token) {
                history.overwrite(last.token, last.old);
                this.values(widget)[last.name] = last.old;
            }
            tab.last = undefined;
        }
    }

    /** Something that happens to a tab. */
    async befall(device, tab) {
        const { random, world } = this;
        switch (random(16)) {
            case 0:
                return device.hide(tab);
            case 1:
            case 2:
                return device.show(tab);
            case 3:
                return device.freeze(tab);
            case 4:
                // A tab that has neither storage nor messages is a device of its own.
                tab.isDeaf = !tab.isDeaf;
                return;
            case 5:
                if (device.tabs.length < 3) this.open(device);
                return;
            case 6:
            case 7: {
                // What a tab without storage has not sent is gone with it, as its status says.
                if (device.isBlocked) return;
                // Nobody loads a page in the very moment in which another one writes.
                await world.pass(4 * device.lag);
                device.close(tab, random(3) === 0);
                if (device.tabs.length === 0) this.open(device);
                return;
            }
            case 8:
                for (const one of device.tabs) one.navigator.onLine = false;
                return;
            case 9:
                for (const one of device.tabs) {
                    one.navigator.onLine = true;
                    device.on(one, 'window', 'online');
                }
                return;
            case 10:
                return (device.isSignedIn = random(2) === 0);
            case 11:
                world.inTab(tab, () => void tab.store.syncToServer());
                return;
            case 12:
                world.inTab(tab, () => void tab.store.restoreFromServer());
                return;
            case 13:
                if (this.hasReleases && random(3) === 0) {
                    device.release = 1;
                    if (device.tabs.length < 3) this.open(device);
                }
                return;
            default:
                return this.loseOnServer();
        }
    }

    loseOnServer() {
        if (!this.hasLosses) return;
        const kind = this.random(6);
        const { server } = this;
        // Documents tell of their ancestors so far back, and no further.
        const recent = this.backups.filter((backup) => backup && (server.document?.version ?? 0) - backup.version <= 10);
        if (kind < 3) this.backups.push(server.backup());
        else if (kind < 5 && recent.length > 0) server.restore(this.pick(recent.slice(-2)));
        else if (kind === 5) server.flush();
    }

    async live() {
        for (let step = 0; step < this.steps; step += 1) {
            const device = this.pick(this.devices);
            const tab = this.pick(device.tabs);
            if (this.random(4) === 0) await this.befall(device, tab);
            else if (!tab.isFrozen) {
                this.change(tab);
                // In the same moment, in another tab.
                const other = this.pick(device.tabs);
                if (other !== tab && !other.isFrozen && this.random(3) === 0) this.change(other);
            }
            if (this.random(3) > 0) await this.world.pass(this.random(2) ? this.random(50) : this.random(12_000));
        }
    }

    /** The trouble ends, and everybody looks once more, until nobody has anything new. */
    async rest() {
        this.network.trouble = 0;
        for (const device of this.devices) {
            device.isSignedIn = true;
            for (const tab of [...device.tabs]) {
                tab.isDeaf = false;
                tab.navigator.onLine = true;
                device.thaw(tab);
                device.on(tab, 'window', 'online');
                device.show(tab);
                // What was refused for a reason that is gone now.
                this.world.inTab(tab, () => void tab.store.syncToServer());
            }
        }
        await this.world.pass(100_000);
        if (this.hasReleases) await this.upgrade();
        for (let round = 0; round < 12; round += 1) {
            for (const device of this.devices) {
                for (const tab of device.tabs) {
                    device.show(tab);
                    await this.world.pass(61_000);
                }
            }
            if (this.isAtRest()) return;
        }
    }

    /** Every page is loaded anew, with the newest release. */
    async upgrade() {
        for (const device of this.devices) {
            for (const tab of [...device.tabs]) {
                if (tab.release === 1 || device.isBlocked) continue;
                device.close(tab, false);
                this.open(device, 1);
            }
        }
        await this.world.pass(100_000);
    }

    get tabs() {
        return this.devices.flatMap(({ tabs }) => tabs);
    }

    isAtRest() {
        const forms = new Set(this.tabs.map(({ store }) => canonicalise(up(store.getState()))));
        return forms.size === 1 && !this.tabs.some(({ store }) => store.hasUnsyncedChanges);
    }

    check() {
        const [{ store }] = this.tabs;
        const state = up(store.getState());
        for (const tab of this.tabs) {
            const { syncError, hasUnsyncedChanges, isPersisted } = tab.store.getStatus();
            assert.deepEqual(up(tab.store.getState()), state, 'all tabs have the same');
            assert.equal(syncError, null);
            assert.equal(hasUnsyncedChanges, false);
            assert.equal(isPersisted, !tab.device.isBlocked);
        }
        if (state.widgets.length > 0) assert.deepEqual(up(this.server.document.state), state, 'it is what the server has');
        // Who goes back to an older copy brings back what was removed since.
        return this.history.check(state, { withoutRemovals: this.hasLosses });
    }
}

/**
 * @param {number} seed
 * @param {{devices?: number, steps?: number}} [size]
 * @returns {Promise<{tokens: number, reported: number, requests: number}>}
 * @throws where something does not hold
 */
export async function runSchedule(seed, size) {
    const schedule = new Schedule(seed, size);
    try {
        await schedule.live();
        await schedule.rest();
        const counts = schedule.check();
        const { requests } = schedule.network;
        await schedule.world.pass(3_600_000);
        assert.equal(schedule.network.requests, requests, 'without edits nothing is sent');
        return { ...counts, requests };
    } finally {
        schedule.world.end();
    }
}
