// For `node --import`: in the place of web/index.js is what DASHBOARD_STATE_BUNDLE names, the URL of one module.
import { register } from 'node:module';

const INDEX = new URL('../../../web/index.js', import.meta.url).href;

export async function resolve(name, context, next) {
    const found = await next(name, context);
    return found.url === INDEX ? { url: process.env.DASHBOARD_STATE_BUNDLE, shortCircuit: true } : found;
}

register(import.meta.url);
