import { createDashboardStateClient, createDashboardStore } from '../../../web/index.js';
import { scripted } from './answers.js';
import { MemoryStorage } from './storage.js';

export const KEY = 'dashboard-state:alice:main';
export const SYNCED = { status: 'synced' };

/** A signed-in store over answers, with what it was asked and what it keeps. */
export function over(answers, options = {}) {
    const { fetch, requests, answers: left } = scripted(...answers);
    const storage = options.storage ?? new MemoryStorage();
    const store = createDashboardStore({
        client: createDashboardStateClient({ fetch, ...options.clientOptions }),
        user: 'alice',
        workspace: 'main',
        initialState: { widgets: [] },
        isAuthenticated: true,
        ...options,
        storage,
    });
    return { store, requests, storage, left };
}

/** What each request was: its method, its version, and the tag that it was conditional on. */
export const summary = (requests) =>
    requests.map(({ method, headers, body }) =>
        [method, body?.version, headers['if-match'] ?? headers['if-none-match']].filter((part) => part !== undefined).join(' '),
    );
