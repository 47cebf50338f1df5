import { attempt } from './attempt.js';
import { checkJson } from './json.js';
import { isObject, segments } from './paths.js';

/**
 * Looks at what an application gives, before anything is made of it.
 *
 * @typedef {[isRight: (value: any) => unknown, what: string, isNeeded?: boolean]} Rule whether an option is right, what it
 *   must be, and whether it may not be left out
 * @typedef {Record<string, Rule>} Rules
 */

/** @param {any} value */
const isFunction = (value) => typeof value === 'function';
/** @param {any} value */
const isTime = (value) => Number.isFinite(value) && value >= 0;
/** @param {any} value */
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

/** @param {any} value */
const isText = (value) => typeof value === 'string' && value !== '';

/**
 * Ids as the service takes them, without control characters (Cc). Half a surrogate pair (Cs) has no UTF-8: it would come back
 * as another character.
 * @param {any} id
 */
const isId = (id) => isText(id) && !/[\p{Cc}\p{Cs}]/u.test(id) && new TextEncoder().encode(id).length <= 256;

/** @param {any} path */
function isPath(path) {
    const names = segments(path);
    return Array.isArray(names) && names.length > 0 && names.every(isText);
}

/** @param {any} url one with a password in it no `fetch` takes */
function isUrl(url) {
    const { username, password } = new URL(url, 'http://localhost/');
    return typeof url === 'string' && !username && !password;
}

const ID = 'a text of 1 to 256 bytes without control characters';
/** @type {Rule} */
const FLAG = [(value) => typeof value === 'boolean', 'true or false'];
/** @type {Rule} */
const TIME = [isTime, 'a number of ms from 0'];
/** @type {Rule} */
const COUNT = [isCount, 'an integer from 0'];
/** @type {Rule} */
const PATHS = [(paths) => Array.isArray(paths) && paths.every(isPath), "a list of paths, such as 'filters.date'"];

/** @type {Rules} */
const CLIENT = {
    baseUrl: [isUrl, 'a path, or an address without a password'],
    fetch: [isFunction, 'a function'],
    // What fails of a function's is its caller's to see.
    headers: [(headers) => isFunction(headers) || new Headers(headers), 'what Headers takes, or a function'],
    workspace: [isId, ID],
    timeout: [(ms) => isTime(ms) && ms > 0, 'a number of ms above 0'],
    retries: COUNT,
    checksum: FLAG,
};

/** @type {Rules} */
const STORE = {
    client: [(client) => isFunction(client?.getDashboardState), 'what createDashboardStateClient() gives', true],
    user: [isId, ID, true],
    workspace: [isId, ID, true],
    initialState: [isObject, 'an object', true],
    sendsIdentity: FLAG,
    isAuthenticated: FLAG,
    significantPaths: PATHS,
    localPaths: PATHS,
    debounce: TIME,
    staleAfter: TIME,
    conflictPolicy: [(policy) => ['server', 'client'].includes(policy) || isFunction(policy), "'server', 'client' or a function"],
    schemaVersion: COUNT,
    migrate: [isFunction, 'a function'],
    storage: [
        (storage) => ['getItem', 'setItem', 'removeItem'].every((name) => isFunction(storage?.[name])),
        'like localStorage',
    ],
    namespace: [(name) => typeof name === 'string' && !/\p{Cs}/u.test(name), 'a text'],
};

/**
 * @param {any} options
 * @param {Rules} rules
 * @throws {TypeError} with what to do
 */
function check(options, rules) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    for (const [name, [isRight, what, isNeeded]] of Object.entries(rules)) {
        const value = options[name];
        if ((isNeeded || value !== undefined) && !attempt(() => isRight(value))) throw new TypeError(`${name} must be ${what}`);
    }
}

/** @param {import('./client.js').ClientOptions} options */
export const checkClientOptions = (options) => check(options, CLIENT);

/** @param {import('./store.js').StoreOptions<any>} options */
export function checkStoreOptions(options) {
    check(options, STORE);
    checkJson(options.initialState, 'initialState');
}
