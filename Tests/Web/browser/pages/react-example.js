// Brings to life what a server has rendered of the example; what React finds wrong is in window.mismatches.
import { StrictMode, createElement } from 'react';
import { createStore, Dashboard } from '/web/examples/react.js';

window.store = createStore('alice', 'main');
window.mismatches = [];
window.serverRendered = document.querySelector('main');
const dashboard = (isAuthenticated) =>
    createElement(StrictMode, null, createElement(Dashboard, { store: window.store, isAuthenticated }));
const root = window.ReactDOM.hydrateRoot(document.getElementById('root'), dashboard(false), {
    onRecoverableError: (error) => window.mismatches.push(String(error)),
});
window.signIn = () => root.render(dashboard(true));
window.isReady = true;
