// The way back from a view to the one above it.

import {h} from '../shared/dom.js';
import {t} from '../shared/text.js';

/** A link back to "Me". */
export function backToMe() { return h('a', {class: 'back', href: '#/me'}, t('me.back')); }
