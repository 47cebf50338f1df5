// For `node --import`: the packages that the examples import are found.
import { findPackages } from './packages.js';

findPackages();
