// An application's use of the declarations. What must not pass is marked: it is an error if it does.
import { bindStore, createDashboardStateClient, createDashboardStore, type Conflict, type DashboardStore } from '../../../web/index.js';
import { useDashboardState, useDashboardSync } from '../../../web/react.js';

type Dashboard = { widgets: { id: string; x: number }[]; activeProject?: string };
const initialState: Dashboard = { widgets: [] };
const client = createDashboardStateClient({ baseUrl: '/api/dashboard', headers: async () => ({ Authorization: 'x' }) });
const store: DashboardStore<Dashboard> = createDashboardStore({
    client,
    user: 'alice',
    workspace: 'main',
    initialState,
    significantPaths: ['widgets', ['ui', 'dotted.name']],
    conflictPolicy: ({ local, remote }) => local ?? remote,
});

export async function use(): Promise<void> {
    store.setState((state) => ({ ...state, widgets: [...state.widgets, { id: 'a', x: 1 }] }));
    // @ts-expect-error: a widget's x is a number
    store.setState((state) => ({ ...state, widgets: [{ id: 'a', x: '1' }] }));
    // @ts-expect-error: a state is an object
    store.setState('state');
    const project: string | undefined = store.getState().activeProject;
    const conflicts: readonly Conflict[] = store.conflicts;
    store.restoreLost(conflicts[0].id);
    // @ts-expect-error: the status is read-only here
    store.conflicts.push(conflicts[0]);

    const result = await client.saveDashboardState({ project }, 1, { ifNoneMatch: '*' });
    if (result.status === 'saved') console.log(result.version, result.etag);
    if (result.status === 'conflict') console.log(result.current?.state);
    if (result.status === 'unavailable') console.log(result.retryAfter);
    // @ts-expect-error: what is rejected has no version
    if (result.status === 'rejected') console.log(result.version);
    // @ts-expect-error: the user is missing
    createDashboardStore({ client, workspace: 'main', initialState });
    // @ts-expect-error: nothing else than * is a precondition for a first save
    await client.saveDashboardState({}, 1, { ifNoneMatch: '"tag"' });

    const { isSyncing, lastSyncedAt, syncError, syncNow, restoreNow, clearError } = useDashboardSync(store, { isAuthenticated: true });
    const since: number | null = lastSyncedAt;
    if (!isSyncing && syncError?.kind === 'rejected') clearError();
    console.log(since, (await syncNow()).status, (await restoreNow()).status, useDashboardState(store).widgets.length);
    // @ts-expect-error: whether the user is signed in must be said
    useDashboardSync(store);

    const titles: string[] = useDashboardState(store, ({ widgets }) => widgets.map(({ id }) => id));
    // @ts-expect-error: a selector's result has its own type
    const wrong: string = useDashboardState(store, ({ widgets }) => widgets.length);
    console.log(titles, wrong);
}

/** zustand's own declaration, shortened. */
interface StoreApi<T> {
    setState: {
        (partial: T | Partial<T> | ((state: T) => T | Partial<T>), replace?: false): void;
        (state: T | ((state: T) => T), replace: true): void;
    };
    getState: () => T;
    getInitialState: () => T;
    subscribe: (listener: (state: T, previous: T) => void) => () => void;
}

export function bind(zustand: StoreApi<Dashboard & { add: () => void }>): void {
    const unbind: () => void = bindStore(store, zustand, { paths: ['widgets', ['ui', 'dotted.name']] });
    unbind();
    // @ts-expect-error: a store can be subscribed to
    bindStore(store, { getState: () => initialState, setState: () => undefined });
    // @ts-expect-error: paths are a list
    bindStore(store, zustand, { paths: 'widgets' });
}
