// React as a module, of the script that the page has loaded.
export const { StrictMode, createElement, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } = window.React;
