// A class to be made in a term, perhaps after the pattern of another, or a draft to be changed.

import {h} from '../shared/dom.js';
import {all, call, get, post, requestID} from '../shared/api.js';
import {form} from '../shared/form.js';
import {go} from '../shared/router.js';
import {named, t} from '../shared/text.js';
import {emptyState} from '../shared/view.js';
import {headed, trail} from './service-parts.js';
import {classFields} from './class-fields.js';
import {ruleTools} from './rule-editor.js';
import {teachers} from './school-forms.js';

/** The view. */
export default async function classEditor({params, query, signal, title}) {
  const isNew = location.hash.startsWith('#/terms/');
  const from = isNew ? Number(query.from) || undefined : params.id;
  const sheet = from && await get(`/v1/classes/${from}`, {}, {signal});
  const one = sheet?.class;
  const term = await get(`/v1/school-terms/${isNew ? params.id : one.termId}`, {}, {signal});
  const path = `/v1/schools/${term.schoolId}`;
  const [courses, rooms, people, tools] = await Promise.all([
    all(`${path}/courses`, {}, {signal}), all(`${path}/rooms`, {}, {signal}), teachers(signal), ruleTools(signal),
  ]);
  const heading = isNew ? t('class.new') : t('class.edit');
  title(heading);
  const way = trail(['/schools', t('schools.title')], [`/terms/${term.id}`, term.name],
    ...(isNew ? [] : [[`/classes/${one.id}`, `${named(one.title, one.titleEn)} ${one.label}`]]));
  if (!isNew && one.state !== 'draft') return h('div', {class: 'stack'}, way, headed(heading), emptyState(t('class.frozen')));
  if (!courses.length) {
    return h('div', {class: 'stack'}, way, headed(heading), emptyState(h('p', {}, t('class.no_courses'), ' ',
      h('a', {href: `#/schools/${term.schoolId}`}, t('school.courses.add')))));
  }
  const key = requestID();
  const fields = classFields(isNew && one ? {...one, label: ''} : one, {term, courses, rooms, teachers: people, tools});
  return h('div', {class: 'stack'}, way, headed(heading), h('p', {class: 'soft'}, t('class.editor.text')), form({
    action: t('class.save'), fields,
    aside: h('a', {class: 'button quiet', href: isNew ? `#/terms/${term.id}` : `#/classes/${one.id}`}, t('action.cancel')),
    submit: async (values) => {
      const json = fields.read(values);
      const made = isNew ? await post('/v1/classes', json, {key}) : await call('PUT', `/v1/classes/${one.id}`,
        {json, version: sheet.version});
      go(`/classes/${made.class.id}`);
    },
  }));
}
