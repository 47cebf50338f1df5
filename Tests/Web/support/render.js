// Prints the example's dashboard as a server renders it.
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { createStore, Dashboard } from '../../../web/examples/react.js';

const store = createStore('alice', 'main');
process.stdout.write(renderToString(createElement(StrictMode, null, createElement(Dashboard, { store, isAuthenticated: false }))));
store.destroy();
