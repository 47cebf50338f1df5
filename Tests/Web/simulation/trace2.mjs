globalThis.DEBUG = true; await import('./trace.mjs');
