import { createAside } from './aside.js';
import { equal } from './json.js';
import { graft, omit } from './paths.js';
import { createPersistence } from './persistence.js';
import { latest } from './reconcile.js';
import { createReader, headOf, NewerSchemaError, seenIn, textOf, unanswered } from './record.js';
import { add, covers } from './seen.js';
import { share } from './sharing.js';
import { createTabs } from './tabs.js';
import { afterHearing, createTrail, unite } from './unite.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 * @typedef {'cleared' | 'kept'} SignOut whether the copy in the browser's storage went with the session
 */

/** Browsers with a process for each tab need some ms to bring what one has stored to the others. */
const SECOND_LOOK = 100;

/**
 * The state and what is known of the server, in one record that the tabs of a browser share. Every change is made on the
 * newest record that the storage has, and is stored at once, so each tab goes on from what the others have made. Where two have written without seeing each other (storage that is blocked, or late
 * between two processes), both merge, and the record with the higher number counts.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {ReturnType<typeof import('./significance.js').createSignificance>} significance
 * @param {{changed: () => void, followed: (hasSynced: boolean) => void, signedOut: () => void, resumed: () => void}} on
 *   `followed`: another tab has changed something; `signedOut`: it has ended the session; `resumed`: no newer release is
 *   there after all
 */
export function createSharedRecord(options, significance, on) {
    const { localPaths = [], namespace = 'dashboard-state' } = options;
    const key = [namespace, options.user, options.workspace].map(encodeURIComponent).join(':');
    const reader = createReader(options);
    const persistence = createPersistence(options.storage, key);
    // The name differs from that of 0.1.0, whose tabs do not understand these messages.
    const tabs = createTabs(`${key}:2`, key, options.storage, receive);
    const aside = createAside(reader, persistence);
    const tab = `t${Math.random()}`;

    /** @type {Omit<StoredRecord, 'state'>} */
    let record;
    /** Its state as the application has it, who may change in place what it was given: nothing of that is in the record. */
    let shown = /** @type {State} */ ({});
    /** @type {State | undefined} Its state, which an edit alone does not need. */
    let state;
    let snapshot = significance.snapshot({});
    let syncText = '';
    const trail = createTrail();
    let isOpen = false;
    let isLoaded = false;
    let isPersisted = false;
    /** A stored text that has nothing new. */
    let ignored = '';
    /** Of this tab's changes. */
    let changeCount = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let looking;

    const stateNow = () => (state ??= /** @type {State} */ (JSON.parse(snapshot.text)));
    const whole = () => ({ ...record, state: stateNow() });
    const shared = () => omit(stateNow(), localPaths);
    const localised = (/** @type {State} */ state) => graft(state, stateNow(), localPaths);
    const synced = () => (record.sync.base.isGone ? reader.initialShared() : record.sync.base.state);
    const isChanged = () => !equal(shared(), synced());
    const isSettled = () => !isChanged() && unanswered(record.sync).length === 0;
    const text = () => textOf(record, snapshot.text, syncText);

    /** Stores the state where a newer release finds it. */
    const keep = () => void (isPersisted = aside.keep(stateNow(), shared(), record.stamp));

    /** @param {StoredRecord} next */
    function take(next) {
        ({ state } = record = next);
        shown = share(shown, state);
        snapshot = significance.snapshot(shown);
        syncText = JSON.stringify(record.sync);
    }

    function reset() {
        take(reader.blank());
        trail.clear();
        isPersisted = false;
    }

    const tell = (/** @type {object} */ message) => tabs.post({ schemaVersion: reader.schemaVersion, ...message });
    /** Asks the other tabs for what they have beyond this record. */
    const greet = () => tell({ isHello: true, number: record.number });

    /** Stores the record, tells the other tabs, and looks whether one has written over it in the same moment. */
    function publish() {
        if (!isOpen) return;
        clearTimeout(looking);
        if (tabs.isPage) looking = setTimeout(refresh, SECOND_LOOK);
        const all = text();
        isPersisted = !aside.isBarred() && persistence.write(all);
        // Tabs without a storage may miss each other for long: they say what they have come from.
        tell({ text: all, isStored: isPersisted, from: isPersisted ? [] : trail.all() });
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
            if (error instanceof NewerSchemaError && tabs.isPage) stopWriting(greet);
            else aside.put(String(stored), error);
        }
        if (!aside.isOutdated()) takeBack();
    }

    /** Takes in what was set aside, as far as this release understands it. */
    function takeBack() {
        for (const { name, found } of aside.readable()) {
            if (record.number === 0) take(found);
            else {
                const { state, sync } = unite(whole(), found, undefined, options);
                const { base, sent, doubts, conflicts } = sync;
                // What may have arrived of either stays known. What was refused or failed with the copy is tried again.
                change({ base, sent, doubts, conflicts, turn: record.sync.turn + 1 }, localised(state));
            }
            publish();
            on.changed();
            if (isPersisted) persistence.remove(name);
        }
    }

    /** @param {Partial<SyncRecord>} [changes] @param {State} [next] @param {import('./significance.js').Snapshot} [shot] */
    function change(changes, next, shot) {
        trail.add(record, snapshot.text);
        let { sync } = record;
        if (next) {
            shown = shot ? next : share(shown, next);
            snapshot = shot ?? significance.snapshot(shown);
            state = undefined;
        }
        if (changes) {
            sync = { ...sync, ...changes };
            sync.conflicts = latest(sync.conflicts);
            syncText = JSON.stringify(sync);
        }
        record = { ...record, number: record.number + 1, by: tab, seen: add(record.seen, tab, (changeCount += 1)), sync };
    }

    /**
     * The one place where this tab changes anything. What is given was made of the newest record: see `refresh`.
     * @param {Partial<SyncRecord> | undefined} changes
     * @param {State} [next]
     * @param {import('./significance.js').Snapshot} [shot] of `next`, which is shown as it is then
     */
    function commit(changes, next, shot) {
        refresh();
        change(changes, next, shot);
        if (!aside.isOutdated()) publish();
        else if (next) keep();
        on.changed();
    }

    /**
     * @param {StoredRecord} theirs
     * @param {boolean} isStored whether the storage has it
     * @param {readonly import('./unite.js').Trace[]} [from] what they have come from
     */
    function absorb(theirs, isStored, from = []) {
        const mine = whole();
        const next = afterHearing(mine, theirs, [...trail.all(), ...from], { tab, isSettled, options });
        if (!next) return false;
        const hasSynced = theirs.sync.turn !== mine.sync.turn && theirs.sync.lastSyncedAt !== mine.sync.lastSyncedAt;
        trail.add(mine, snapshot.text);
        if (next.isMerged) trail.add(theirs, JSON.stringify(theirs.state));
        take(next.record);
        if (next.isMerged) publish();
        else isPersisted = isStored;
        on.followed(hasSynced);
        on.changed();
        return true;
    }

    /** Takes over what other tabs have stored, and this one may not have heard. */
    function refresh() {
        if (!isOpen || aside.isOutdated()) return;
        const stored = persistence.read();
        if (!stored || stored.startsWith(headOf(record)) || stored === ignored) return;
        if (!hear(stored, true)) ignored = stored;
    }

    /** @param {string} text @param {boolean} isStored @param {readonly import('./unite.js').Trace[]} [from] */
    function hear(text, isStored, from) {
        try {
            return absorb(reader.parse(text), isStored, from);
        } catch (error) {
            if (error instanceof NewerSchemaError) stopWriting();
            return false;
        }
    }

    /** @param {() => void} [ask] whether the newer release is there now, or only its record is */
    function stopWriting(ask) {
        const known = seenIn(persistence.read());
        const missed = covers(known, record.seen) ? undefined : trail.before(known);
        aside.stop(missed ? omit(JSON.parse(missed.text), localPaths) : shared(), ask && overrule);
        if (missed) keep();
        ask?.();
        on.changed();
    }

    /** The newer release was taken back: its record is kept for when it returns, and this one goes on. */
    function overrule() {
        aside.put(persistence.read() ?? '', 'a newer release had written it');
        aside.resume();
        publish();
        on.changed();
        on.resumed();
    }

    /** @param {any} message */
    function receive(message) {
        if (!isOpen || !message) return;
        if (message.signedOut) {
            // Heard late, it is over: somebody may have signed in since. What this tab has written late goes, too.
            close(message.signedOut, Boolean(persistence.read()?.startsWith(headOf(record))));
            on.signedOut();
        } else if (message.schemaVersion > reader.schemaVersion) {
            if (!aside.isOutdated()) stopWriting();
            aside.confirm();
            on.changed();
        } else if (message.isHello) {
            const isBehind = message.schemaVersion < reader.schemaVersion || message.number < record.number;
            if (isBehind && !aside.isOutdated()) tell({ text: text(), isStored: isPersisted });
        } else if (!aside.isOutdated()) {
            // A tab that was frozen hears late of much that has gone on since.
            refresh();
            if (!String(message.text).startsWith(headOf(record))) hear(message.text, message.isStored === true, message.from);
        }
    }

    /** @param {SignOut} what @param {boolean} isOwn whether what is stored is this tab's */
    function close(what, isOwn) {
        isOpen = isLoaded = false;
        if (what === 'cleared' && isOwn) persistence.clear();
        aside.end();
        reset();
        on.changed();
    }

    reset();
    const self = {
        tab,
        reader,
        record: () => record,
        snapshot: () => snapshot,
        shared,
        /**
         * What was synced last, and what another tab may have sent since, as it was told. Where they share a storage, the record
         * says what was sent.
         * @returns {State[]}
         */
        told() {
            const { version, lastModified, state } = record.sync.base;
            const isAlone = Object.keys(record.seen).length < 2;
            if (isPersisted || isAlone) return [];
            const since = trail.all().filter((one) => one.version === version && one.lastModified === lastModified);
            return [state, ...since.map(({ text }) => omit(JSON.parse(text), localPaths))];
        },
        synced,
        isChanged,
        isSettled,
        isPersisted: () => isOpen && isPersisted,
        isOutdated: aside.isOutdated,
        isReplaced: aside.isConfirmed,
        unreadable: aside.unreadable,
        exclusively: tabs.exclusively,
        commit,
        refresh,
        localised,

        /** @param {string} at when and where the state was edited */
        stamp: (at) => void (record.stamp = at),
        state: stateNow,
        shown: () => shown,
        /** Takes back what the application has done to the state in place, since it was stored. */
        mend: () => void (shown = share(shown, stateNow())),

        /** Begins, or begins anew after a sign-out. */
        open() {
            if (isOpen) return;
            isOpen = true;
            tabs.open();
            // Storage that is blocked has nothing for a store that was only destroyed.
            if (isLoaded) self.revisit();
            else load();
            isLoaded = true;
            if (!aside.isOutdated()) greet();
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
            if (isOpen && !isGone && !aside.isOutdated()) takeBack();
            return isGone;
        },

        /**
         * Ends the session, in the other tabs too.
         * @param {SignOut} what
         * @returns {SignOut} what has become of it
         */
        signOut(what) {
            const wasOpen = isOpen;
            tabs.open();
            tell({ signedOut: what });
            close(what, true);
            if (!wasOpen) tabs.close();
            // Some storages do not let go of it.
            return persistence.read() ? 'kept' : what;
        },

        destroy() {
            isOpen = false;
            clearTimeout(looking);
            aside.end();
            tabs.close();
        },
    };
    return self;
}
