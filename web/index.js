/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./client.js').ClientOptions} ClientOptions
 * @typedef {import('./client.js').DashboardStateClient} DashboardStateClient
 * @typedef {import('./answers.js').StoredDocument} StoredDocument
 * @typedef {import('./record.js').Conflict} Conflict
 * @typedef {import('./reconcile.js').ConflictItem} ConflictItem
 * @typedef {import('./reconcile.js').ConflictPolicy} ConflictPolicy
 * @typedef {import('./schedule.js').SyncResult} SyncResult
 * @typedef {import('./record.js').SyncError} SyncError
 * @typedef {import('./bind.js').BindOptions} BindOptions
 * @typedef {import('./store.js').DashboardStatus} DashboardStatus
 */

/**
 * @template {State} S
 * @typedef {import('./store.js').StoreOptions<S>} StoreOptions
 */

/**
 * @template {State} S
 * @typedef {import('./store.js').DashboardStore<S>} DashboardStore
 */

/**
 * @template E
 * @typedef {import('./bind.js').ExternalStore<E>} ExternalStore
 */

export { bindStore } from './bind.js';
export { createDashboardStore } from './store.js';
export { createDashboardStateClient } from './client.js';
