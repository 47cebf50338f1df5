import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { bindStore } from '../../../web/index.js';
import { found, nothing, saved } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { application, reactive } from '../support/external.js';
import { over, SYNCED } from '../support/stores.js';
import { createStore } from '../support/zustand.js';

let clock;
beforeEach(() => void (clock = new Clock()));
afterEach(() => clock.restore());

/** A store that asks nobody. */
const offline = (initialState = {}, options = {}) => over([], { initialState, isAuthenticated: false, ...options }).store;

/** Counts the changes of a store. */
function counted(external) {
    const count = { changes: 0 };
    external.subscribe(() => (count.changes += 1));
    // Some call a listener at once.
    count.changes = 0;
    return count;
}

test('edits go in both directions, each once', () => {
    const [store, external] = [offline(), application()];
    bindStore(store, external);
    const [ours, theirs] = [counted(store), counted(external)];
    external.getState().add('a');
    assert.deepEqual(store.getState().widgets, [{ id: 'a' }]);
    store.setState((state) => ({ ...state, widgets: [...state.widgets, { id: 'b' }] }));
    assert.deepEqual(external.getState().widgets, [{ id: 'a' }, { id: 'b' }]);
    // One change each way: nothing comes back.
    assert.deepEqual([ours.changes, theirs.changes], [2, 2]);
    assert.equal(typeof external.getState().add, 'function');
});

test('an edit is synced as if it had been made in the dashboard store, and a restored state is no edit', async () => {
    const { store, requests } = over([found(3, { widgets: [{ id: 'theirs' }] }), saved(4)], { initialState: {} });
    const external = application();
    bindStore(store, external);
    await clock.settle();
    assert.deepEqual(external.getState().widgets, [{ id: 'theirs' }]);
    await clock.advance(100_000);
    assert.equal(requests.length, 1);
    external.getState().add('ours');
    await clock.advance(2000);
    assert.deepEqual(requests[1].body.state, { widgets: [{ id: 'theirs' }, { id: 'ours' }] });
    await clock.advance(100_000);
    assert.equal(requests.length, 2);
});

test('at the beginning the dashboard store counts, and what it lacks stays as a default that nobody sends', async () => {
    const { store, requests } = over([nothing(), saved(1)], { initialState: { widgets: [{ id: 'stored' }] } });
    const external = application();
    bindStore(store, external);
    assert.deepEqual(external.getState().widgets, [{ id: 'stored' }]);
    assert.deepEqual(external.getState().filters, { days: 30, draft: '' });
    await clock.advance(10_000);
    assert.deepEqual(store.getState(), { widgets: [{ id: 'stored' }] });
    external.setState({ filters: { days: 7, draft: '' } });
    assert.deepEqual(store.getState().filters, { days: 7, draft: '' });
    assert.deepEqual(await store.syncToServer(), SYNCED);
    assert.deepEqual(requests.at(-1).body.state, { widgets: [{ id: 'stored' }], filters: { days: 7, draft: '' } });
});

test('only the paths that are named are synced', () => {
    const [store, external] = [offline({ widgets: [], filters: { days: 1 }, secret: 1 }), application()];
    bindStore(store, external, { paths: ['widgets', 'filters.days'] });
    assert.deepEqual(external.getState().filters, { days: 1, draft: '' });
    assert.equal('secret' in external.getState(), false);
    external.setState({ isMenuOpen: true, filters: { days: 7, draft: 'x' } });
    external.getState().add('a');
    assert.deepEqual(store.getState(), { widgets: [{ id: 'a' }], filters: { days: 7 }, secret: 1 });
    store.setState((state) => ({ ...state, filters: { days: 90 }, secret: 2 }));
    assert.deepEqual(external.getState().filters, { days: 90, draft: 'x' });
    assert.equal(external.getState().isMenuOpen, true);
});

test('neither store gets an object of the other, and what did not change stays the same object', () => {
    const store = offline({ widgets: [{ id: 'a', x: 1 }, { id: 'b', x: 1 }] });
    const external = reactive({});
    bindStore(store, external);
    const [, second] = external.state.widgets;
    store.setState({ widgets: [{ id: 'new' }, { id: 'a', x: 2 }, { id: 'b', x: 1 }] });
    assert.equal(external.state.widgets[2], second);
    external.state.widgets[1].x = 3;
    assert.equal(store.getState().widgets[1].x, 2);
    external.flush();
    assert.equal(store.getState().widgets[1].x, 3);
    assert.notEqual(store.getState().widgets[1], external.state.widgets[1]);
});

test('an edit that the external store has not told of yet survives what the server brings, and the other way round', async () => {
    let answer;
    const { store } = over([() => new Promise((resolve) => (answer = resolve)), saved(2)], { initialState: { widgets: [] } });
    const external = reactive({});
    bindStore(store, external);
    await clock.settle();
    external.state.widgets.push({ id: 'ours' });
    answer(found(1, { widgets: [{ id: 'theirs' }] }));
    await clock.settle();
    const ids = ({ widgets }) => widgets.map(({ id }) => id).sort();
    assert.deepEqual(ids(external.state), ['ours', 'theirs']);
    assert.deepEqual(ids(store.getState()), ['ours', 'theirs']);
    external.flush();
    assert.deepEqual(ids(store.getState()), ['ours', 'theirs']);
});

test('where both change the same place, the edit that was made here counts', () => {
    const store = offline({ filters: { days: 1, name: 'a' } });
    const external = reactive({});
    bindStore(store, external);
    external.state.filters.days = 2;
    store.setState({ filters: { days: 3, name: 'b' } });
    assert.deepEqual(store.getState(), { filters: { days: 2, name: 'b' } });
    assert.deepEqual(external.state, { filters: { days: 2, name: 'b' } });
});

test('what is removed on one side is removed on the other', () => {
    const [store, external] = [offline({ widgets: [], note: 'x' }), application()];
    bindStore(store, external);
    store.setState({ widgets: [] });
    assert.equal(external.getState().note, undefined);
    store.setState({ widgets: [], note: 'y' });
    external.setState({ note: undefined });
    assert.deepEqual(store.getState(), { widgets: [] });
});

test('a state from elsewhere takes the place of no action', () => {
    const [store, external] = [offline(), application()];
    bindStore(store, external);
    store.setState({ add: 'hostile', widgets: [{ id: 'a' }] });
    external.getState().add('b');
    assert.deepEqual(external.getState().widgets, [{ id: 'a' }, { id: 'b' }]);
});

test('after sign-out nothing of the user’s is left, and the next user gets nothing of it', async () => {
    const first = offline();
    const external = application();
    const unbind = bindStore(first, external);
    external.getState().add('of alice');
    external.setState({ filters: { days: 7, draft: 'of alice' }, note: 'of alice' });
    await first.signOut();
    assert.ok(!JSON.stringify(external.getState()).includes('alice'));
    assert.deepEqual(external.getState().filters, { days: 30, draft: '' });
    unbind();

    // Nor where nobody signed out, and the page just went on with another store.
    const [second, third] = [offline(), offline({}, { user: 'bob' })];
    const end = bindStore(second, external);
    external.getState().add('of alice');
    end();
    bindStore(third, external);
    assert.ok(!JSON.stringify(external.getState()).includes('alice'));
    external.getState().add('of bob');
    assert.deepEqual(third.getState(), { widgets: [{ id: 'of bob' }] });
    assert.deepEqual(second.getState(), { widgets: [{ id: 'of alice' }] });
});

test('what is there after sign-out is what was there before any binding', async () => {
    const external = reactive({ note: 'default' });
    bindStore(offline(), external)();
    external.state.note = 'of nobody';
    bindStore(offline(), external)();
    const store = offline();
    bindStore(store, external);
    external.state.note = 'of alice';
    external.flush();
    await store.signOut();
    assert.equal(external.state.note, 'default');

    const early = application();
    early.getState().add('early');
    const second = offline();
    bindStore(second, early);
    assert.deepEqual([early.getState().widgets, second.getState()], [[{ id: 'early' }], {}]);
    early.getState().add('late');
    assert.deepEqual(second.getState(), { widgets: [{ id: 'early' }, { id: 'late' }] });
    await second.signOut();
    assert.deepEqual(early.getState().widgets, [{ id: 'early' }]);
});

test('a binding ends where it is told to, with what had not been told of, and may begin again', () => {
    const store = offline({ widgets: [] });
    const external = reactive({});
    const unbind = bindStore(store, external);
    external.state.widgets.push({ id: 'a' });
    unbind();
    assert.deepEqual(store.getState(), { widgets: [{ id: 'a' }] });
    external.state.widgets.push({ id: 'b' });
    external.flush();
    store.setState((state) => ({ ...state, note: 'news' }));
    assert.deepEqual(store.getState(), { widgets: [{ id: 'a' }], note: 'news' });
    assert.equal(external.state.note, undefined);
    unbind();
    bindStore(store, external);
    assert.deepEqual(external.state, { widgets: [{ id: 'a' }], note: 'news' });
    external.state.widgets.push({ id: 'c' });
    external.flush();
    assert.deepEqual(store.getState().widgets, [{ id: 'a' }, { id: 'c' }]);
});

test('a dashboard store that takes no edits any more takes none back either', () => {
    const state = { widgets: [] };
    const listeners = new Set();
    // It was destroyed.
    const store = {
        getState: () => state,
        setState() {},
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
    const external = application();
    bindStore(store, external);
    external.getState().add('a');
    external.getState().add('b');
    listeners.forEach((listener) => listener());
    assert.deepEqual(external.getState().widgets, [{ id: 'a' }, { id: 'b' }]);
});

test('an edit that comes to what is there already ends nothing', () => {
    const store = offline({ x: 1 });
    const external = reactive({});
    bindStore(store, external);
    external.state.x = 5;
    store.setState({ x: 5 });
    external.flush();
    external.state.x = 6;
    external.flush();
    assert.equal(store.getState().x, 6);
    store.setState((state) => ({ ...state, x: 7 }));
    assert.equal(external.state.x, 7);
});

test('a store is bound to one dashboard store at a time, and parts of it to several', () => {
    const external = application();
    const unbind = bindStore(offline(), external, { paths: ['widgets'] });
    assert.throws(() => bindStore(offline(), external), { name: 'TypeError', message: /bound already/ });
    const [store, part] = [offline(), { ...external }];
    bindStore(store, part, { paths: ['filters.days'] });
    external.setState({ filters: { days: 7, draft: 'x' } });
    assert.deepEqual(store.getState(), { filters: { days: 7 } });
    unbind();
    const end = bindStore(offline(), external, { paths: ['widgets', 'isMenuOpen'] });
    unbind();
    assert.throws(() => bindStore(offline(), external), { message: /bound already/ });
    end();
});

test('stores that put changes right come to rest, and such that do not are told of', () => {
    const store = offline({ x: 1 });
    const external = createStore(() => ({}));
    bindStore(store, external);
    external.subscribe(({ x }) => x > 10 && external.setState({ x: 10 }));
    store.setState({ x: 50 });
    assert.deepEqual([store.getState().x, external.getState().x], [10, 10]);

    const [one, two] = [offline({ n: 1 }), createStore(() => ({}))];
    bindStore(one, two);
    one.subscribe(() => one.getState().n !== 1 && one.setState({ n: 1 }));
    two.subscribe(({ n }) => n === 1 && two.setState({ n: 2 }));
    assert.throws(() => two.setState({ n: 3 }), { message: /without end/ });
});

test('what JSON cannot hold is an error for whoever puts it there', () => {
    const [store, external] = [offline({ widgets: [] }), application()];
    bindStore(store, external);
    assert.throws(() => external.setState({ widgets: [{ id: 1n }] }), TypeError);
    external.setState({ widgets: [{ id: 1 }] });
    assert.deepEqual(store.getState(), { widgets: [{ id: 1 }] });

    const other = reactive({});
    const unbind = bindStore(store, other);
    other.state.x = 1n;
    assert.throws(unbind, TypeError);
    bindStore(store, other)();
});

test('what is no store is refused in words', () => {
    assert.throws(() => bindStore(offline(), undefined), { name: 'TypeError', message: /no function getState/ });
    const { setState, ...redux } = application();
    assert.throws(() => bindStore(offline(), redux), { name: 'TypeError', message: /no function setState/ });
});
