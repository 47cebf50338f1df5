/**
 * Where the packages are that the examples import, as a loader of node's: Debian's in its own folder, and this one.
 */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const DEBIAN = '/usr/share/nodejs';
const { resolve: find } = createRequire(import.meta.url);
const here = (path) => new URL(path, import.meta.url).href;
const PACKAGES = {
    'dashboard-state': here('../../../web/index.js'),
    'dashboard-state/react': here('../../../web/react.js'),
    'zustand/vanilla': here('zustand.js'),
    // The one of its files that needs no other package.
    redux: pathToFileURL(`${DEBIAN}/redux/dist/redux.js`).href,
};

export async function resolve(name, context, next) {
    if (Object.hasOwn(PACKAGES, name)) return { url: PACKAGES[name], shortCircuit: true };
    if (/^(react|react-dom|vue)(\/|$)/.test(name)) return { url: pathToFileURL(find(`${DEBIAN}/${name}`)).href, shortCircuit: true };
    return next(name, context);
}

/** To be called before what imports them. */
export const findPackages = () => register(import.meta.url);
