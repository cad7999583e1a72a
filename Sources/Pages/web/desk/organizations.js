// The tree of organizations: each opens to what lies below it; finding by name within what is loaded.

import {h, put, announce} from '../shared/dom.js';
import {all, download, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {go} from '../shared/router.js';
import {count, named, t} from '../shared/text.js';
import {emptyState, pane} from '../shared/view.js';
import {ask, doing, headed, organizationOptions} from './service-parts.js';
import {tag} from './people-parts.js';
import {may} from './rights.js';

export const kinds = ['city', 'district', 'street', 'enterprise', 'industry_federation', 'holding'];

/** The tree. */
export default function organizations({signal}) {
  const tree = pane(async (own) => {
    const items = await all('/v1/organizations', {counts: true}, {signal: own, max: 5000});
    return items.length ? treePart(items) : null;
  }, {signal, lines: 10, empty: t('organizations.empty')});
  return h('div', {class: 'stack'},
    headed(t('organizations.title'),
      may('exports.create') && doing(t('organizations.export'), () => download('/v1/organization-exports', 'organizations.csv',
        {method: 'POST', accept: 'text/csv', json: {}})),
      may('organizations.write') && doing(t('organizations.add'), add, {kind: 'primary'})),
    h('p', {class: 'soft'}, t('organizations.text')), tree);
}

function treePart(items) {
  const known = new Map(items.map((one) => [one.id, one]));
  const below = new Map();
  for (const one of items) {
    const parent = known.has(one.parentId) ? one.parentId : 0;
    below.set(parent, [...(below.get(parent) ?? []), one]);
  }
  const deep = new Map();
  const countDeep = (id) => {
    if (!deep.has(id)) deep.set(id, (below.get(id) ?? []).reduce((sum, one) => sum + 1 + countDeep(one.id), 0));
    return deep.get(id);
  };

  /** One organization with its button; `shown` tells which are in a finding, undefined where all are. */
  function twig(one, depth, shown) {
    const children = (below.get(one.id) ?? []).filter((each) => !shown || shown.has(each.id));
    const place = h('div', {});
    const fill = () => put(place, h('ul', {}, children.map((each) => twig(each, depth + 1, shown))));
    const isOpen = shown ? children.length > 0 : depth < 1 && children.length > 0;
    const button = children.length ? h('button', {type: 'button', class: 'quiet', 'aria-expanded': String(isOpen),
      'aria-label': t('organizations.below', {name: named(one.name, one.nameEn)}), onclick: () => {
        const willOpen = button.getAttribute('aria-expanded') === 'false';
        button.setAttribute('aria-expanded', String(willOpen));
        button.firstChild.textContent = willOpen ? '▾' : '▸';
        if (willOpen) fill();
        else put(place);
      }}, h('span', {'aria-hidden': 'true'}, isOpen ? '▾' : '▸')) : h('span', {class: 'leaf', 'aria-hidden': 'true'});
    if (isOpen) fill();
    return h('li', {}, h('div', {class: 'twig'}, button, h('a', {href: `#/organizations/${one.id}`}, named(one.name, one.nameEn)),
      h('span', {class: 'small'}, t(`organization.kind.${one.kind}`)),
      countDeep(one.id) > 0 && h('span', {class: 'small number'}, t('organizations.count', {n: countDeep(one.id)})),
      membersPart(one),
      one.state === 'closed' && tag('organization.state', 'closed'),
      ['due', 'overdue'].includes(one.renewal) && tag('organization.renewal', one.renewal)), place);
  }

  const host = h('div', {class: 'card'});
  const told = h('p', {class: 'soft number', role: 'status'}, t('organizations.all', {n: items.length}));
  const drawAll = () => put(host, h('ul', {class: 'tree'}, (below.get(0) ?? []).map((one) => twig(one, 0))));
  function find({name, renewal}) {
    if (!name && !renewal) {
      told.textContent = t('organizations.all', {n: items.length});
      return drawAll();
    }
    const found = items.filter((one) => (!name || `${one.name}\n${one.nameEn ?? ''}`.toLowerCase().includes(name.toLowerCase()))
      && (!renewal || (renewal === 'closed' ? one.state === 'closed' : one.renewal === renewal)));
    const shown = new Set();
    for (const one of found) for (let each = one; each && !shown.has(each.id); each = known.get(each.parentId)) shown.add(each.id);
    told.textContent = t('organizations.found', {n: found.length});
    announce(told.textContent);
    return put(host, found.length ? h('ul', {class: 'tree'}, (below.get(0) ?? []).filter((one) => shown.has(one.id))
      .map((one) => twig(one, 0, shown))) : emptyState(t('organizations.none')));
  }
  const form = h('form', {class: 'filters noprint', role: 'search', 'aria-label': t('organizations.find')},
    field('name', t('organizations.name'), {type: 'search', autocomplete: 'off'}),
    field('renewal', t('organization.renewal'), {type: 'select', options: [['', t('part.all')],
      ...['current', 'due', 'overdue', 'none'].map((one) => [one, t(`organization.renewal.${one}`)]), ['closed', t('organization.state.closed')]]}));
  const take = () => find({name: form.elements.name.value.trim(), renewal: form.elements.renewal.value});
  form.addEventListener('submit', (event) => { event.preventDefault(); take(); });
  form.addEventListener('input', take);
  drawAll();
  return h('div', {class: 'stack'}, form, told, host);
}

/** How many belong to it, and with all below it. */
function membersPart({members, membersWithin}) {
  if (membersWithin === undefined) return null;
  const own = t('organizations.members', {n: count(members ?? 0)});
  return h('span', {class: 'small number'}, membersWithin === members ? own : [own, ' · ', t('organizations.within', {n: count(membersWithin)})]);
}

async function add() {
  const key = requestID();
  const options = await organizationOptions();
  ask(t('organizations.add'), {
    action: t('action.save'), fields: [
      field('name', t('organizations.name'), {required: true, maxlength: 100, hint: t('organizations.name.hint')}),
      field('kind', t('organization.kind'), {type: 'select', value: 'enterprise', options: kinds.map((one) => [one, t(`organization.kind.${one}`)])}),
      field('parentId', t('organization.parent'), {type: 'select', options: [['', t('organization.root')], ...options]}),
    ],
    submit: async (values) => {
      const made = await post('/v1/organizations', {...values, parentId: values.parentId && Number(values.parentId)}, {key});
      go(`/organizations/${made.id}`);
    },
  });
}
