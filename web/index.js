export { createDashboardStateClient } from './client.js';
export { createDashboardStore } from './store.js';
