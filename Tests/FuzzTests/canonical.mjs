// Reads a body a line, in base64, and says as JSON whether it is some, and what the RFC 8785 form of its state is.
//
//   node canonical.mjs BODIES
import { readFileSync } from 'node:fs';

// RFC 8785 is made of what ECMAScript has: its spelling of numbers and strings, and its order of strings.
const canonical = (value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('beyond the range of doubles');
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new RangeError('half a character');
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    return `{${Object.keys(value).sort().map((name) => `${canonical(name)}:${canonical(value[name])}`).join(',')}}`;
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
for (const line of readFileSync(process.argv[2], 'utf8').split('\n').slice(0, -1)) {
    let answer = { isJSON: false };
    try {
        const { state } = Object(JSON.parse(decoder.decode(Buffer.from(line, 'base64'))));
        answer = { isJSON: true };
        if (state !== undefined) answer.state = canonical(state);
    } catch (error) {
        if (error instanceof RangeError) answer = { isJSON: true };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
