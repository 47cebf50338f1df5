// What `make web` makes: one minified module, and a package for npm.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as sources from '../../../web/index.js';
import { found, saved, scripted } from '../support/answers.js';
import { Lab } from '../support/browser.js';
import { MemoryStorage } from '../support/storage.js';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
const BUILT = path.join(TOP, '.build-client/dashboard-state');
const { version } = JSON.parse(readFileSync(path.join(TOP, 'web/package.json'), 'utf8'));
const ARCHIVE = path.join(TOP, `dashboard-state-${version}.tgz`);
const BUNDLE = pathToFileURL(path.join(BUILT, 'dist/dashboard-state.js')).href;
const MODULES = ['dashboard-state.js', 'dashboard-state-react.js'];
/** Bytes gzipped. */
const LIMIT = 13_620;

/** An application that has installed the package, as npm lays it out. */
let application;
const inApplication = (...parts) => path.join(application, ...parts);

before(() => {
    execFileSync(path.join(TOP, 'deploy/build-web'), { stdio: ['ignore', 'ignore', 'inherit'] });
    application = mkdtempSync(path.join(tmpdir(), 'dashboard-state-package-'));
    mkdirSync(inApplication('node_modules/dashboard-state'), { recursive: true });
    execFileSync('tar', ['xzf', ARCHIVE, '--strip-components=1', '-C', inApplication('node_modules/dashboard-state')]);
    writeFileSync(inApplication('package.json'), '{ "type": "module", "private": true }');
});
after(() => rmSync(application, { recursive: true }));

/** Runs a module of the application's, and gives how it ended. */
function run(text, ...options) {
    writeFileSync(inApplication('main.js'), text);
    return spawnSync('node', [...options, inApplication('main.js')], { encoding: 'utf8', timeout: 60_000 });
}

test('the one module, with everything that needs no React, is no larger than it has to be', () => {
    const [size, hooks] = MODULES.map((name) => execFileSync('gzip', ['-9nc', path.join(BUILT, 'dist', name)]).length);
    assert.ok(size <= LIMIT, `${size} bytes, and ${LIMIT} are the limit`);
    assert.ok(hooks <= 1024, `${hooks} bytes`);
});

test('the one module needs no other and does what the sources do', async () => {
    const text = readFileSync(path.join(BUILT, 'dist/dashboard-state.js'), 'utf8');
    assert.doesNotMatch(text, /\bimport\b|\brequire\(/);
    const bundle = await import(BUNDLE);
    assert.deepEqual(Object.keys(bundle).sort(), Object.keys(sources).sort());
    const { fetch, requests } = scripted(found(1, { widgets: [] }), saved(2));
    const client = bundle.createDashboardStateClient({ fetch });
    const options = { client, user: 'alice', workspace: 'main', initialState: {}, storage: new MemoryStorage(), isAuthenticated: true };
    const store = bundle.createDashboardStore(options);
    await store.restoreFromServer();
    store.setState((state) => ({ ...state, widgets: [{ id: 'a' }] }));
    assert.deepEqual(await store.syncToServer(), { status: 'synced' });
    assert.deepEqual(requests[1].body.state, { widgets: [{ id: 'a' }] });
    store.destroy();
});

test('the one module passes the tests of the sources', () => {
    const folder = path.join(TOP, 'Tests/Web/unit');
    const others = readdirSync(folder).filter((name) => name !== 'package.test.js').map((name) => path.join(folder, name));
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const options = ['--import', path.join(TOP, 'Tests/Web/support/with-bundle.js'), '--test', '--test-reporter=tap'];
    const { status, stdout } = spawnSync('node', [...options, ...others], { env: { ...env, DASHBOARD_STATE_BUNDLE: BUNDLE }, encoding: 'utf8', timeout: 300_000 });
    assert.equal(status, 0, stdout);
});

/**
 * Two tabs that edit at once, wait for each other, meet another device and lose an answer, and who comes after them.
 * @returns {Promise<string[]>} the names of all members that were stored, told or sent
 */
async function scene(modules, { isBlocked }) {
    const lab = new Lab();
    const seen = new Set();
    const look = (value) => {
        if (typeof value === 'string' && value.startsWith('{')) look(JSON.parse(value));
        else if (value !== null && typeof value === 'object') {
            if (!Array.isArray(value)) Object.keys(value).forEach((name) => seen.add(name));
            // Tabs name themselves in `seen`.
            Object.entries(value).forEach(([name, inside]) => name !== 'seen' && look(inside));
        }
    };
    try {
        const device = lab.device({ isBlocked });
        const { entries, Channel: { prototype } } = device;
        const { postMessage } = prototype;
        prototype.postMessage = function (message) {
            look(message);
            postMessage.call(this, message);
        };
        entries.set = (name, text) => {
            look(text);
            return Map.prototype.set.call(entries, name, text);
        };
        let losing = false;
        const slowly = async (go, init) => {
            look(init.body && new TextDecoder().decode(init.body));
            await new Promise((resolve) => setTimeout(resolve, 500));
            const answer = await go();
            if (losing) throw new TypeError('lost');
            return answer;
        };
        const open = (which) => lab.open(device, {}, slowly, modules[which]);
        const edit = (tab, change) => lab.in(tab, (store) => store.setState(({ widgets }) => ({ widgets: change(widgets) })));
        const put = (widget) => (widgets) => [...widgets.filter(({ id }) => id !== widget.id), widget];
        const tabs = [open(0), open(1)];
        await lab.pass(5000);
        tabs.forEach((tab, id) => edit(tab, put({ id })));
        for (const { store } of tabs) void store.syncToServer();
        await lab.pass(10_000);
        const elsewhere = lab.open(lab.device());
        await lab.pass(5000);
        edit(elsewhere, put({ id: 0, x: 1 }));
        edit(tabs[0], put({ id: 0, x: 2 }));
        await lab.pass(20_000);
        losing = true;
        edit(tabs[1], put({ id: 1, x: 3 }));
        await lab.pass(5000);
        tabs.push(open(1), open(0));
        await lab.pass(5000);
        losing = false;
        await lab.pass(60_000);
        const asked = lab.log.length;
        await lab.pass(50_000);
        assert.equal(lab.log.length, asked);
        for (const { store } of tabs) {
            assert.deepEqual(store.getState().widgets.map(({ id, x }) => `${id}:${x}`).sort(), ['0:1', '1:3']);
            assert.deepEqual([store.hasUnsyncedChanges, store.conflicts.length], [false, 1]);
        }
        const ending = lab.in(tabs[1], (store) => store.signOut());
        await lab.pass(5000);
        assert.deepEqual(await ending, { status: 'cleared' });
        for (const { store } of tabs) assert.deepEqual(store.getState(), { widgets: [] });
    } finally {
        lab.end();
    }
    return [...seen].sort();
}

// What a bundle calls otherwise is nothing that anybody else reads: deploy/private-names.txt.
test('tabs with the one module and tabs with the sources understand each other, and what the others have stored', async () => {
    const bundle = await import(BUNDLE);
    for (const isBlocked of [false, true]) {
        const names = await scene([sources, sources], { isBlocked });
        for (const name of ['sent', 'conflicts', 'isBusy', 'signedOut', 'isHello']) assert.ok(names.includes(name), name);
        assert.deepEqual(await scene([bundle, bundle], { isBlocked }), names);
        assert.deepEqual(await scene([sources, bundle], { isBlocked }), names);
    }
});

test('an error in the one module is found in the sources', () => {
    const module = JSON.stringify(BUNDLE);
    const { stderr } = run(`import { bindStore } from ${module}; bindStore({}, {});`, '--enable-source-maps');
    const line = readFileSync(path.join(TOP, 'web/bind.js'), 'utf8').split('\n').findIndex((text) => text.includes('throw new TypeError(`bindStore: the store has no')) + 1;
    assert.match(stderr, new RegExp(`bind\\.js:${line}:`));
    for (const name of MODULES) {
        const map = JSON.parse(readFileSync(path.join(BUILT, 'dist', `${name}.map`), 'utf8'));
        map.sources.forEach((source, index) => {
            assert.equal(map.sourcesContent[index], readFileSync(path.join(TOP, 'web', path.basename(source)), 'utf8'));
        });
    }
});

test('the package gives what it says, and nothing else', () => {
    const names = run("import * as all from 'dashboard-state'; console.log(JSON.stringify(Object.keys(all)));");
    assert.deepEqual(JSON.parse(names.stdout), Object.keys(sources).sort());
    assert.match(run("import 'dashboard-state/store.js';").stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
    assert.equal(run("import 'dashboard-state/dist/dashboard-state.js';").status, 0);
    assert.match(run("import 'dashboard-state/react';").stderr, /Cannot find package 'react'/);
    const listed = execFileSync('tar', ['tzf', ARCHIVE], { encoding: 'utf8' });
    assert.doesNotMatch(listed, /demo|tsconfig/);
    for (const name of ['LICENSE', 'README.md', 'package.json']) assert.ok(listed.includes(`package/${name}\n`), name);
});

test('the package’s types are found, for the module and for the sources', () => {
    writeFileSync(
        inApplication('main.ts'),
        `import { bindStore, createDashboardStateClient, createDashboardStore } from 'dashboard-state';
        import { createDashboardStore as other } from 'dashboard-state/dist/dashboard-state.js';
        import { useDashboardState } from 'dashboard-state/react';
        const store = createDashboardStore({ client: createDashboardStateClient(), user: 'alice', workspace: 'main', initialState: { n: 1 } });
        export const n: number = useDashboardState(store, (state) => state.n);
        export const same: typeof other = createDashboardStore;
        // @ts-expect-error: it is a number
        export const text: string = useDashboardState(store, (state) => state.n);
        export { bindStore };`,
    );
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'node16', '--moduleResolution', 'node16'];
    const { status, stdout } = spawnSync('tsc', [...options, 'main.ts'], { cwd: application, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
});

test('an application has in its bundle what it takes, and nothing else', () => {
    const bundle = (text) => {
        writeFileSync(inApplication('main.js'), text);
        return execFileSync('esbuild', ['main.js', '--bundle', '--format=esm', '--log-level=error'], { cwd: application, encoding: 'utf8' });
    };
    const client = bundle("import { createDashboardStateClient } from 'dashboard-state'; createDashboardStateClient();");
    assert.match(client, /function createDashboardStateClient/);
    assert.doesNotMatch(client, /function createDashboardStore|BroadcastChannel/);
    // Nothing happens by being imported, and the package says so.
    assert.equal(bundle("import 'dashboard-state';").trim(), '');
});

test('npm packs the same', (context) => {
    if (spawnSync('npm', ['--version']).error) return context.skip('npm is not installed');
    const options = ['pack', '--dry-run', '--json', '--offline', '--ignore-scripts', `--cache=${inApplication('cache')}`];
    const [{ files, filename }] = JSON.parse(execFileSync('npm', options, { cwd: BUILT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    const listed = execFileSync('tar', ['tzf', ARCHIVE], { encoding: 'utf8' }).split('\n').filter((name) => name && !name.endsWith('/'));
    assert.deepEqual(files.map((file) => `package/${file.path}`).sort(), listed.sort());
    assert.equal(filename, path.basename(ARCHIVE));
});
