// Who changed what and who read what: each entry stands in a chain that nobody can change unseen.

import {h} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {auditTable} from './audit-table.js';
import {fromInput, headed} from './service-parts.js';
import {organizationNames} from './people-parts.js';

/** The list. */
export default async function audit({signal}) {
  const names = await organizationNames(signal);
  return h('div', {class: 'stack'}, headed(t('audit.title')), h('p', {class: 'soft'}, t('audit.text')), auditTable({
    signal, names,
    filters: [
      {name: 'subject', label: t('audit.subject'), placeholder: 'member:12', maxlength: 100},
      {name: 'actor', label: t('audit.actor'), placeholder: 'account:1', maxlength: 100},
      {name: 'action', label: t('audit.action'), placeholder: 'member.unmasked', maxlength: 100},
      {name: 'from', label: t('audit.from'), type: 'datetime-local'}, {name: 'until', label: t('audit.until'), type: 'datetime-local'},
    ],
    read: (query) => ({...query, from: fromInput(query.from), until: fromInput(query.until)}),
  }));
}
