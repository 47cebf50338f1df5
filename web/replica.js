import { createAside } from './aside.js';
import { checkJson, copy, equal } from './json.js';
import { graft, isObject, omit } from './paths.js';
import { createPersistence } from './persistence.js';
import { latest, mergeEdits } from './reconcile.js';
import { createReader, NewerSchemaError } from './record.js';
import { bump } from './seen.js';
import { createSignificance } from './significance.js';
import { createTabs } from './tabs.js';
import { compareRecords, unite } from './unite.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 * @typedef {'cleared' | 'kept'} SignOut whether the copy in the browser's storage went with the session
 *
 * @typedef {ReturnType<typeof createReplica>} Replica
 */

/** How many states a tab remembers, to find the one that it and another tab have both started from. */
const TRAIL = 8;

/**
 * This tab's copy of the dashboard, and what is known of the server's: one record, which the tabs of a browser share. Every
 * change is made on the newest record that the storage has, and is stored before anything else happens, so each tab goes
 * on from what the others have made. Where two have written without seeing each other (storage that is blocked, or late
 * between two processes), both merge, and the record with the higher number counts.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {{changed: () => void, followed: (hasSynced: boolean) => void, signedOut: () => void, resumed: () => void}} on
 *   `followed`: another tab has changed something; `signedOut`: it has ended the session; `resumed`: no newer release is
 *   there after all
 */
export function createReplica(options, on) {
    const { localPaths = [], namespace = 'dashboard-state', conflictPolicy = 'server' } = options;
    const key = [namespace, options.user, options.workspace].map(encodeURIComponent).join(':');
    const reader = createReader(options);
    const significance = createSignificance(options);
    const persistence = createPersistence(options.storage, key);
    // The name differs from that of 0.1.0, whose tabs do not understand these messages.
    const tabs = createTabs(`${key}:2`, receive);
    const aside = createAside(reader, persistence);
    const tab = `t${Math.random().toString(36).slice(2, 12)}`;

    /** @type {StoredRecord} */
    let record;
    // As they were stored last: nothing that the application does to its objects reaches these.
    let snapshot = significance.snapshot({});
    let syncText = '';
    /** @type {import('./unite.js').Trace[]} */
    let trail = [];
    let isOpen = false;
    let isLoaded = false;
    let isPersisted = false;
    /** @type {boolean | undefined} */
    let dirty;
    /** A stored text that has nothing new. */
    let ignored = '';

    const shared = () => omit(record.state, localPaths);
    const synced = () => (record.sync.base.isGone ? reader.initialShared() : record.sync.base.state);
    const isChanged = () => !equal(shared(), synced());
    const isSettled = () => !isChanged() && !record.sync.sent && record.sync.doubts.length === 0;
    const head = () => `{"number":${record.number},"by":"${record.by}",`;
    const text = () =>
        `${head()}"seen":${JSON.stringify(record.seen)},"stamp":"${record.stamp}","state":${snapshot.text},"sync":${syncText}}`;

    /** @param {StoredRecord} next */
    function take(next) {
        record = next;
        snapshot = significance.snapshot(record.state);
        syncText = JSON.stringify(record.sync);
        dirty = undefined;
    }

    function reset() {
        take({ number: 0, by: '', seen: {}, stamp: '', state: reader.initial(), sync: reader.unsynced() });
        trail = [];
        isPersisted = false;
    }

    /** @param {import('./unite.js').Trace} trace */
    const remember = (trace) => void (trail = [...trail, trace].slice(-TRAIL));

    /** Stores the record, and tells the other tabs. */
    function publish() {
        if (!isOpen) return;
        const all = text();
        isPersisted = !aside.isBarred() && persistence.write(all);
        // Tabs without a storage may miss each other for long: they say what they have started from.
        tabs.post({ schemaVersion: reader.schemaVersion, text: all, from: isPersisted ? undefined : trail[trail.length - 1] });
    }

    function load() {
        reset();
        const stored = persistence.read();
        try {
            if (stored) {
                take(reader.parse(stored));
                // What failed in an earlier page is tried again.
                record.sync = { ...record.sync, error: null };
                isPersisted = true;
            }
        } catch (error) {
            const isNewer = error instanceof NewerSchemaError;
            if (isNewer && tabs.isPage) stopWriting(() => tabs.post({ schemaVersion: reader.schemaVersion, isHello: true, number: 0 }));
            else aside.put(String(stored), error);
        }
        if (!aside.isOutdated()) takeBack();
    }

    /** Takes in what was set aside, as far as this release understands it. */
    function takeBack() {
        for (const { name, found } of aside.readable()) {
            const { sync } = record;
            if (record.number === 0) take(found);
            else {
                const sides = { base: found.sync.base.state, local: shared(), remote: omit(found.state, localPaths) };
                const { state, conflicts } = mergeEdits(sides, conflictPolicy, found.stamp > record.stamp);
                change({ conflicts: [...sync.conflicts, ...found.sync.conflicts, ...conflicts] }, localised(state));
            }
            publish();
            on.changed();
            if (isPersisted) persistence.remove(name);
        }
    }

    /** @param {State} state */
    const localised = (state) => graft(copy(state), record.state, localPaths);

    /**
     * @param {Partial<SyncRecord> | undefined} changes
     * @param {State} [next]
     * @param {import('./significance.js').Snapshot} [shot] of `next`
     */
    function change(changes, next, shot) {
        remember({ seen: record.seen, text: snapshot.text });
        let { state, sync } = record;
        if (next) {
            snapshot = shot ?? significance.snapshot(next);
            state = next;
        }
        if (changes) {
            sync = { ...sync, ...changes };
            sync.conflicts = latest(sync.conflicts);
            syncText = JSON.stringify(sync);
        }
        record = { ...record, number: record.number + 1, by: tab, seen: bump(record.seen, tab), state, sync };
        dirty = undefined;
    }

    /**
     * The one place where this tab changes anything.
     * @param {Partial<SyncRecord> | undefined} changes
     * @param {State} [next]
     * @param {import('./significance.js').Snapshot} [shot] of `next`
     */
    function commit(changes, next, shot) {
        change(changes, next, shot);
        if (!aside.isOutdated()) publish();
        else if (next) isPersisted = aside.keep(next, omit(next, localPaths), record.stamp);
        on.changed();
    }

    /**
     * @param {StoredRecord} theirs
     * @param {import('./unite.js').Trace} [from] what they have started from
     * @returns {boolean} whether it has anything new
     */
    function absorb(theirs, from) {
        const mine = record;
        const how = compareRecords(mine, theirs);
        if (how === 'known') return false;
        const hasSynced = theirs.sync.turn !== mine.sync.turn && theirs.sync.lastSyncedAt !== mine.sync.lastSyncedAt;
        const number = Math.max(theirs.number, mine.number);
        if (how === 'newer' || (isSettled() && theirs.sync.base.version >= mine.sync.base.version)) take({ ...theirs, number });
        else {
            take({ ...unite(mine, theirs, from ? [...trail, from] : trail, options), number: number + 1, by: tab });
            remember({ seen: theirs.seen, text: JSON.stringify(theirs.state) });
            publish();
        }
        on.changed();
        on.followed(hasSynced);
        return true;
    }

    /** Takes over what other tabs have stored, and this one may not have heard. */
    function refresh() {
        if (!isOpen || aside.isOutdated()) return;
        const stored = persistence.read();
        if (!stored || stored.startsWith(head()) || stored === ignored) return;
        if (!hear(stored)) ignored = stored;
    }

    /**
     * @param {string} stored
     * @param {import('./unite.js').Trace} [from]
     */
    function hear(stored, from) {
        try {
            return absorb(reader.parse(stored), from);
        } catch (error) {
            if (error instanceof NewerSchemaError) stopWriting();
            return false;
        }
    }

    /** @param {() => void} [ask] whether the newer release is there now, or only its record is */
    function stopWriting(ask) {
        aside.stop(shared(), ask && overrule);
        ask?.();
        on.changed();
    }

    /** The newer release was taken back: its record is kept for when it returns, and this one goes on. */
    function overrule() {
        aside.put(persistence.read() ?? '', new NewerSchemaError('a newer release had written it'));
        aside.resume();
        publish();
        on.changed();
        on.resumed();
    }

    /** @param {any} message */
    function receive(message) {
        if (!isOpen || !message) return;
        if (message.signedOut) {
            close(message.signedOut);
            on.signedOut();
        } else if (message.schemaVersion > reader.schemaVersion) {
            if (!aside.isOutdated()) stopWriting();
            aside.confirm();
        } else if (message.isHello) {
            const isBehind = message.schemaVersion < reader.schemaVersion || message.number < record.number;
            if (isBehind && !aside.isOutdated()) tabs.post({ schemaVersion: reader.schemaVersion, text: text() });
        } else if (!aside.isOutdated()) hear(message.text, message.from);
    }

    /** @param {SignOut} what */
    function close(what) {
        isOpen = false;
        isLoaded = false;
        if (what === 'cleared') persistence.clear();
        aside.end();
        reset();
        on.changed();
    }

    reset();
    const self = {
        state: () => record.state,
        sync: () => record.sync,
        reader,
        /** When the state was edited last, as the service wants it. */
        lastModified: () => new Date(parseInt(record.stamp, 10) || Date.now()).toISOString(),
        isPersisted: () => isOpen && isPersisted,
        isOutdated: aside.isOutdated,
        unreadable: aside.unreadable,
        commit,
        refresh,
        localised,
        exclusively: tabs.exclusively,

        /** A copy of the state as it is sent: without the paths that stay here. */
        shared: () => copy(shared()),
        /** Whether something is to be sent that is worth it. */
        isDirty: () => (dirty ??= significance.isDirty(record.state, synced())),
        /** Whether anything at all is to be sent. */
        isChanged,

        /**
         * Takes a change of the user's.
         * @param {State | ((previous: any) => State)} update
         * @param {Partial<SyncRecord>} [changes]
         * @returns {boolean} whether it is significant
         * @throws {TypeError} where it is no object, or JSON would change it
         */
        edit(update, changes) {
            const shown = snapshot.text;
            refresh();
            let next = typeof update === 'function' ? update(record.state) : update;
            if (!isObject(next)) throw new TypeError('state must be an object');
            try {
                checkJson(next, 'state');
            } catch (error) {
                if (next === record.state) record.state = JSON.parse(snapshot.text);
                throw error;
            }
            const at = `${Date.now()} ${tab}`;
            if (typeof update !== 'function' && snapshot.text !== shown) {
                // It was made of a state that another tab has changed since.
                const sides = { base: JSON.parse(shown), local: next, remote: record.state };
                const merged = mergeEdits(sides, conflictPolicy, record.stamp > at);
                next = merged.state;
                changes = { ...changes, conflicts: [...(changes?.conflicts ?? record.sync.conflicts), ...merged.conflicts] };
            }
            const before = snapshot;
            const shot = significance.snapshot(next);
            if (!changes && shot.text === before.text) return false;
            const isSignificant = significance.differs(before, shot);
            significance.tell(next);
            record.stamp = at;
            const again = isSignificant && record.sync.refused ? { refused: null } : undefined;
            commit(changes || again ? { ...changes, ...again } : undefined, next, shot);
            return isSignificant;
        },

        /** Begins, or begins anew after a sign-out. */
        open() {
            if (isOpen) return;
            isOpen = true;
            tabs.open();
            // Storage that is blocked has nothing for a store that was only destroyed.
            if (isLoaded) self.revisit();
            else load();
            isLoaded = true;
            if (!aside.isOutdated()) tabs.post({ schemaVersion: reader.schemaVersion, isHello: true, number: record.number });
            on.changed();
        },

        /**
         * The page is looked at again.
         * @returns {boolean} whether the copy is gone: another tab has signed out, and this one has not heard
         */
        revisit() {
            const isGone = isOpen && isPersisted && !aside.isOutdated() && persistence.isEmpty() && isSettled();
            if (isGone) {
                reset();
                on.changed();
            } else refresh();
            // Pages of an older release may have left something since.
            if (isOpen && !isGone && !aside.isOutdated()) takeBack();
            return isGone;
        },

        /**
         * Ends the session, in the other tabs too.
         * @param {SignOut} what
         */
        signOut(what) {
            tabs.post({ schemaVersion: reader.schemaVersion, signedOut: what });
            close(what);
        },

        destroy() {
            isOpen = false;
            aside.end();
            tabs.close();
        },
    };
    return self;
}
