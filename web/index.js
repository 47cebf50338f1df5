export { canonicalise, checksumOf } from './canonical.js';
export { createDashboardStateClient } from './client.js';
export { createDashboardStore } from './store.js';
