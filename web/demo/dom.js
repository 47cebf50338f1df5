/**
 * Finding and making elements. What a state says gets into the page as text and as properties only, never as markup.
 */

/**
 * @template {Element} Type
 * @param {string} selector
 * @param {new () => Type} type
 * @param {ParentNode} [parent]
 * @returns {Type}
 */
export function find(selector, type, parent = document) {
    const element = parent.querySelector(selector);
    if (!(element instanceof type)) throw new Error(`The page has no ${type.name} ${selector}`);
    return element;
}

/**
 * @param {string} selector of a `<template>`
 * @returns {HTMLElement} a copy of the one element in it
 */
export function fromTemplate(selector) {
    const copy = find(selector, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
    if (!(copy instanceof HTMLElement)) throw new Error(`${selector} is empty`);
    return copy;
}

/**
 * @param {string} name
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function html(name, className, ...children) {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(name, attributes, ...children) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
    element.append(...children);
    return element;
}

/** @param {string} name of a symbol in index.html, without `i-` */
export const icon = (name) => svg('svg', { class: 'icon', 'aria-hidden': 'true' }, svg('use', { href: `#i-${name}` }));

/**
 * Puts a text into a field, unless it is there already, and leaves the caret where it was.
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} text
 */
export function fill(field, text) {
    if (field.value === text) return;
    const { selectionStart, selectionEnd } = field;
    field.value = text;
    if (document.activeElement === field) field.setSelectionRange(selectionStart, selectionEnd);
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/**
 * Has screen readers say something.
 * @param {string} text
 */
export function announce(text) {
    const region = find('#announcer', HTMLElement);
    // The same text again is no change, which would stay unsaid.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

export const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Whether the page has the width of a phone: as in demo.css. */
export const isPhone = () => matchMedia('(max-width: 719px)').matches;
