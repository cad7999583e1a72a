// Members of the organizations that the account looks after, masked.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {t} from '../shared/text.js';
import {table} from '../shared/table.js';

export default function members({signal}) {
  return h('div', {}, h('h1', {}, t('members.title')), table({label: t('members.title'), csvName: 'x', signal, columns: [
    {key: 'id', title: 'id', sort: true}, {key: 'status', title: 'status', sort: true}, {key: 'name', title: 'name', sort: true}],
    filters: [{name: 'status', label: 'status', type: 'select', options: [['', 'all'], ['active', 'active'], ['suspended', 'susp']]}],
    rowHref: (row) => `#/members/${row.id}`, actions: (row) => h('button', {type: 'button'}, 'x'),
    load: (after, query, own) => get('/v1/members', {limit: 50, ...query, after}, {signal: own})}));
}
