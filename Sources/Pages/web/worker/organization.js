// My union: where I belong and belonged, moving to another one by its join code, and leaving.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {date, moment, named, t} from '../shared/text.js';
import {act, confirm, pane, sheet, showRefusal, toast} from '../shared/view.js';
import {joinCodeEntry} from './join-code.js';
import {backToMe} from './back.js';

export default function organization({signal}) {
  const place = pane(async (inner) => {
    const [me, {items: memberships}, {items: transfers}] = await Promise.all([
      get('/v1/me', {}, {signal: inner}), get('/v1/me/memberships', {}, {signal: inner}),
      get('/v1/me/transfers', {limit: 200}, {signal: inner}),
    ]);
    const isMember = me.member.status === 'active';
    return h('div', {}, h('section', {class: 'card'}, h('h2', {}, me.organizationName),
      h('p', {}, t(`organization.kind.${me.organizationKind}`), ' · ', t(`me.status.${me.member.status}`)),
      memberships[0] && !memberships[0].endedAt
        && h('p', {class: 'small'}, t('organization.since', {day: date(memberships[0].startedAt)}))),
    transfers.length > 0 && h('section', {class: 'card'}, h('h2', {}, t('organization.transfers')),
      h('ul', {class: 'plain stack'}, [...transfers].reverse().map((one) => h('li', {}, transfer(one))))),
    isMember && !transfers.some((one) => one.state === 'open') && h('section', {class: 'card'}, h('h2', {}, t('organization.move')),
      h('p', {}, t('organization.move.text')), h('button', {type: 'button', onclick: beginMove}, t('organization.move.begin'))),
    h('section', {class: 'card'}, h('h2', {}, t('organization.history')),
      h('ul', {class: 'plain lines'}, memberships.map((one) => h('li', {}, h('strong', {}, named(one.organizationName, one.organizationNameEn)),
        h('span', {class: 'small'}, date(one.startedAt), ' – ', one.endedAt ? date(one.endedAt) : t('organization.now'),
          one.cause && ` · ${t(`organization.cause.${one.cause}`)}`))))),
    isMember && h('section', {class: 'card'}, h('h2', {}, t('organization.leave')), h('p', {}, t('organization.leave.text')),
      h('button', {type: 'button', class: 'danger', onclick: leave}, t('organization.leave'))));
  }, {lines: 10, signal});

  function transfer(one) {
    const isOpen = one.state === 'open';
    const tone = {open: 'warn', completed: 'good', refused: 'bad', cancelled: ''}[one.state];
    const agreed = (side, has) => h('li', {}, has ? '✓ ' : '… ', t(`organization.${side}`), ' ',
      t(has ? 'organization.agreed' : 'organization.not_yet'));
    const from = named(one.fromOrganizationName, one.fromOrganizationNameEn);
    const to = named(one.toOrganizationName, one.toOrganizationNameEn);
    return [h('p', {class: 'spread'}, h('strong', {}, `${from} → ${to}`),
      h('span', {class: `tag ${tone}`}, t(`organization.transfer.${one.state}`))),
    isOpen && h('ul', {class: 'plain'}, agreed('releasing', one.releasingAgreed), agreed('receiving', one.receivingAgreed)),
    isOpen && h('p', {class: 'small'}, t('organization.deadline', {time: moment(one.deadlineAt)})),
    one.endCause && h('p', {class: 'small'}, t(`organization.end.${one.endCause}`)),
    one.refuseReason && h('p', {class: 'banner bad'}, t('join.reason', {reason: one.refuseReason})),
    isOpen && h('button', {type: 'button', class: 'danger', onclick: (event) => cancel(event.currentTarget, one)},
      t('organization.cancel'))];
  }

  async function cancel(button, one) {
    const title = t('organization.cancel');
    if (await confirm({title, text: t('organization.cancel.text'), action: title, danger: true}) === null) return;
    const tell = () => post(`/v1/me/transfers/${one.id}/cancel`, undefined, {key: true});
    if (await act(button, tell, {done: t('organization.cancelled')})) place.reload();
  }

  function beginMove() {
    const stop = new AbortController();
    signal.addEventListener('abort', () => dialog.close(), {once: true});
    const dialog = sheet(t('organization.move'), h('p', {}, t('organization.move.scan')), joinCodeEntry(async (code) => {
      try {
        const door = await get(`/v1/join/${code}`);
        if (!door.isOpen) { toast(t('join.closed'), {kind: 'bad'}); return; }
        dialog.close();
        await move(code, door.organizationName);
      } catch (error) { showRefusal(error); }
    }, stop.signal));
    dialog.addEventListener('close', () => stop.abort(), {once: true});
  }

  async function move(code, name) {
    const key = requestID();
    const text = t('organization.move.sure', {name});
    if (await confirm({title: t('organization.move'), text, action: t('organization.move.ask')}) === null) return;
    await act(null, async () => {
      await post('/v1/me/transfers', {joinCode: code}, {key});
      place.reload();
    }, {done: t('organization.asked')});
  }

  async function leave(event) {
    const button = event.currentTarget;
    const title = t('organization.leave');
    const reason = await confirm({
      title, text: t('organization.leave.sure'), action: title, danger: true, reason: t('organization.leave.reason'),
    });
    if (reason === null) return;
    if (await act(button, () => post('/v1/me/leave', {reason}, {key: true}), {done: t('organization.left')})) place.reload();
  }

  return h('div', {}, backToMe(), h('h1', {}, t('organization.title')), place);
}
