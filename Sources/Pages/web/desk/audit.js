// The audit trail: who changed what and who read what, by action, actor, subject and time; each entry with its place in the chain.

import {h} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {headed} from './service-parts.js';
import {auditTable} from './audit-table.js';
import {organizationNames} from './people-parts.js';

/** Days as times: from the first one's begin to the last one's end. */
function read({from, until, ...rest}) {
  return {
    ...rest, from: from && new Date(`${from}T00:00:00+08:00`).toISOString(),
    until: until && new Date(Date.parse(`${until}T00:00:00+08:00`) + 86400000).toISOString(),
  };
}

/** The view. */
export default async function audit({signal}) {
  const names = await organizationNames(signal);
  return h('div', {class: 'stack'}, headed(t('audit.title')), h('p', {class: 'soft'}, t('audit.text')),
    auditTable({
      signal, names, read, filters: [
        {name: 'action', label: t('audit.action'), placeholder: 'member.unmasked'},
        {name: 'actor', label: t('audit.actor'), placeholder: 'account:1'},
        {name: 'subject', label: t('audit.subject'), placeholder: 'member:1'},
        {name: 'from', label: t('audit.from'), type: 'date'}, {name: 'until', label: t('audit.until'), type: 'date'},
      ],
    }));
}
