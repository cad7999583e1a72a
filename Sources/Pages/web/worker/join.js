// Joining without an account: the organization's code from its poster, its form, then how the application stands. The application's secret
// is kept on this phone; with it the answer can be read, a card shown meanwhile, and a refused application corrected.

import {h, put} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {qrPicture} from '../shared/code.js';
import {ago, moment, t} from '../shared/text.js';
import {failure, pane, confirm} from '../shared/view.js';
import {form} from '../shared/form.js';
import {forget, keep, kept} from '../shared/store.js';
import {keepDraft} from './draft.js';
import {go} from '../shared/router.js';
import {ageBanner} from './near.js';
import {joinCode, joinCodeEntry} from './join-code.js';
import {drafted, joinFields, joinValues, purposes} from './join-form.js';
import {qrMatrix} from './qr-matrix.js';

export default async function join({params, signal}) {
  const host = h('div', {class: 'stack'});
  const application = await kept('application');
  if (application && !params.code) showApplication(application);
  else if (params.code) await askForm(params.code);
  else askCode();

  function askCode() {
    put(host, h('p', {class: 'soft'}, t('join.text')), joinCodeEntry((code) => go(`/join/${code}`), signal),
      h('a', {class: 'button quiet wide', href: '#/sign-in'}, t('join.sign_in')));
  }

  async function askForm(text) {
    const code = joinCode(text) ?? text;
    let door;
    try { door = await get(`/v1/join/${encodeURIComponent(code)}`, {}, {signal}); } catch (error) {
      if (error.name === 'AbortError') return;
      put(host, failure(error, () => askForm(text)), h('a', {class: 'button', href: '#/join'}, t('join.other')));
      return;
    }
    if (!door.isOpen) {
      put(host, h('div', {class: 'state'}, h('h2', {}, door.organizationName), h('p', {}, t('join.closed')),
        h('a', {class: 'button', href: '#/join'}, t('join.other'))));
      return;
    }
    // One intention, one key: what is sent again after a lost answer makes no second application.
    const key = requestID();
    put(host, organization(door), drafted(form({
      action: t('join.send'), fields: joinFields(door),
      aside: h('a', {class: 'button quiet', href: '#/join'}, t('join.other')),
      submit: async (values) => {
        const answer = await post(`/v1/join/${door.code}/applications`, joinValues(values), {key});
        const made = {secret: answer.secret, code: door.code, organization: door.organizationName, card: answer.card};
        await keep('application', made);
        keepDraft('join');
        // The way back does not lead to a form that was sent.
        if (params.code) go('/join', {replace: true}); else showApplication(made);
      },
    })));
  }

  function showApplication(own) {
    const authorization = `Bearer ${own.secret}`;
    const standing = pane(async (inner) => {
      const {answer, at} = await read(own, authorization, inner);
      return h('div', {}, at && ageBanner(t('join.kept', {ago: ago(at)})), state(answer, own),
        answer.card?.text && answer.state === 'pending' && card(answer.card, own),
        answer.state === 'rejected' && correction(own, authorization, () => standing.reload()));
    }, {lines: 6, signal});
    put(host, standing, h('div', {class: 'actions'},
      h('button', {type: 'button', onclick: () => standing.reload()}, t('action.refresh')),
      h('button', {type: 'button', class: 'quiet', onclick: async () => {
        if (await confirm({title: t('join.forget'), text: t('join.forget.text'), action: t('join.forget')}) === null) return;
        await forget('application');
        askCode();
      }}, t('join.forget'))));
  }

  return h('div', {}, h('h1', {}, t('join.title')), host);
}

/** How it stands, or stood when there was network: the card shown meanwhile works without. */
async function read(own, authorization, signal) {
  try {
    const answer = await call('GET', '/v1/join-application', {authorization, signal});
    await keep('application', {...own, last: {answer, at: Date.now()}});
    return {answer};
  } catch (error) {
    const last = error.isOffline && (await kept('application'))?.last;
    if (!last) throw error;
    return last;
  }
}

function organization(door) {
  return h('section', {class: 'card'}, h('p', {class: 'soft'}, t('join.you_join')), h('h2', {}, door.organizationName),
    h('p', {}, t(`join.rule.${door.joinRule}`)));
}

function state(answer, own) {
  const tone = {pending: 'warn', approved: 'good', rejected: 'bad', withdrawn: ''}[answer.state];
  return h('section', {class: 'card'}, h('h2', {}, own.organization),
    h('p', {}, h('span', {class: `tag ${tone}`}, t(`join.state.${answer.state}`))), h('p', {}, t(`join.state.${answer.state}.text`)),
    answer.rejectReason && h('p', {class: 'banner bad'}, t('join.reason', {reason: answer.rejectReason})),
    h('p', {class: 'small'}, t('join.sent_at', {time: moment(answer.submittedAt)}), ' · ',
      t('join.number', {number: String(answer.applicationId)})),
    answer.state === 'approved' && h('a', {class: 'button primary wide', href: '#/sign-in'}, t('action.sign_in')));
}

/** The card that opens doors while the application waits. */
function card(issued, own) {
  const {matrix, size} = qrMatrix(issued.text);
  return h('section', {class: 'pass', 'aria-label': t('join.card')}, h('h2', {}, t('join.card')),
    qrPicture(matrix, size, t('code.picture')), h('p', {class: 'who'}, own.organization),
    h('p', {class: 'who'}, t('join.card_until', {time: moment(issued.expiresAt)})));
}

function correction(own, authorization, done) {
  const host = h('section', {class: 'card'}, h('h2', {}, t('join.correct')), h('p', {role: 'status'}, t('state.loading')));
  (async () => {
    // What the form asks stands with the code; where that has ended, the usual fields are asked.
    let door = {consents: purposes.map((purpose) => ({purpose, isRequired: purpose === 'registry'}))};
    try { door = await get(`/v1/join/${own.code}`); } catch { /* Kept as above. */ }
    put(host, h('h2', {}, t('join.correct')), form({
      action: t('join.send_again'), fields: joinFields(door),
      submit: async (values) => {
        await call('PUT', '/v1/join-application', {json: joinValues(values), authorization});
        done();
      },
    }));
  })();
  return host;
}
