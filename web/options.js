import { checkJson } from './json.js';
import { isObject } from './paths.js';

/**
 * Looks at what an application gives, before anything is made of it.
 *
 * @typedef {[(value: any) => boolean, string]} Rule whether an option is right, and what it must be
 */

/** @param {(value: any) => boolean} isRight @returns {(value: any) => boolean} */
const optional = (isRight) => (value) => value === undefined || isRight(value);
/** @param {any} value */
const isFunction = (value) => typeof value === 'function';
/** @param {any} value */
const isTime = (value) => Number.isFinite(value) && value >= 0;
/** @param {any} value */
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

/**
 * Ids as the service takes them. Half a surrogate pair has no UTF-8: it would come back as another character.
 * @param {any} id
 */
function isId(id) {
    if (typeof id !== 'string' || id === '' || /[\u0000-\u001f\u007f-\u009f]/.test(id)) return false;
    const bytes = new TextEncoder().encode(id);
    return bytes.length <= 256 && new TextDecoder().decode(bytes) === id;
}

/** @param {any} path */
const isPath = (path) => {
    const names = typeof path === 'string' ? path.split('.') : path;
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name !== '');
};

/** @param {any} url one with a password in it no `fetch` takes */
function isUrl(url) {
    try {
        const { username, password } = new URL(url, 'http://localhost/');
        return typeof url === 'string' && !username && !password;
    } catch {
        return false;
    }
}

/** @param {any} headers what fails of a function's is its caller's to see */
function areHeaders(headers) {
    try {
        return isFunction(headers) || Boolean(new Headers(headers));
    } catch {
        return false;
    }
}

const ID = 'a text of 1 to 256 bytes without control characters';
/** @type {Rule} */
const FLAG = [optional((value) => typeof value === 'boolean'), 'true or false'];
/** @type {Rule} */
const TIME = [optional(isTime), 'a number of ms from 0'];
/** @type {Rule} */
const PATHS = [optional((paths) => Array.isArray(paths) && paths.every(isPath)), "a list of paths: ['widgets', 'filters.date', ['a.b', 'c']]"];

/** @type {Record<string, Rule>} */
const CLIENT = {
    baseUrl: [optional(isUrl), 'a path, such as /api/dashboard, or an address without a password'],
    fetch: [optional(isFunction), 'a function'],
    headers: [optional(areHeaders), 'what Headers takes, or a function that gives it'],
    workspace: [optional(isId), ID],
    timeout: [optional((ms) => isTime(ms) && ms > 0), 'a number of ms above 0'],
    retries: [optional(isCount), 'an integer from 0'],
    checksum: FLAG,
};

/** @type {Record<string, Rule>} */
const STORE = {
    client: [(client) => isFunction(client?.getDashboardState), 'what createDashboardStateClient() gives'],
    user: [isId, `${ID}: who is signed in, as the web server tells the service`],
    workspace: [isId, ID],
    sendsIdentity: FLAG,
    isAuthenticated: FLAG,
    initialState: [isObject, 'an object: the state before anything is restored, such as {widgets: []}'],
    significantPaths: PATHS,
    localPaths: PATHS,
    debounce: TIME,
    staleAfter: TIME,
    conflictPolicy: [optional((policy) => ['server', 'client'].includes(policy) || isFunction(policy)), "'server', 'client' or a function"],
    schemaVersion: [optional(isCount), 'an integer from 0'],
    migrate: [optional(isFunction), 'a function (state, from) that gives the state'],
    storage: [
        optional((storage) => ['getItem', 'setItem', 'removeItem'].every((name) => isFunction(storage?.[name]))),
        'like localStorage: with getItem, setItem and removeItem',
    ],
    namespace: [optional((name) => typeof name === 'string' && !/\p{Surrogate}/u.test(name)), 'a text'],
};

/**
 * @param {any} options
 * @param {Record<string, Rule>} rules
 * @throws {TypeError} with what to do
 */
function check(options, rules) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    for (const [name, [isRight, what]] of Object.entries(rules)) {
        if (!isRight(options[name])) throw new TypeError(`${name} must be ${what}`);
    }
}

/** @param {import('./client.js').ClientOptions} options */
export const checkClientOptions = (options) => check(options, CLIENT);

/** @param {import('./store.js').StoreOptions<any>} options */
export function checkStoreOptions(options) {
    check(options, STORE);
    checkJson(options.initialState, 'initialState');
}
