// At a venue's counter: coupons are redeemed by the code that the guest shows. Without network as many a day as the campaigns allow.

import {h, put, freshID} from '../shared/dom.js';
import {call} from '../shared/api.js';
import {clock, money, moment, t} from '../shared/text.js';
import {act, confirm, toast} from '../shared/view.js';
import {pinFault, pinPad} from './keypad.js';
import {ask, keepTelling} from './questions.js';
import {reader} from './reader.js';
import {redraw} from './redraw.js';
import {showResult} from './result.js';
import {annulWithin, TakenList} from './taken-list.js';
import {VenueDesk} from './venue-desk.js';

export default async function venue({device, signal}) {
  const desk = new VenueDesk();
  const taken = new TakenList();
  await Promise.all([desk.open(), taken.open()]);
  const name = h('h1', {}, desk.venue?.name ?? device.name);
  const campaigns = h('div', {});
  const list = h('ul', {class: 'people', 'aria-label': t('venue.taken')});
  const id = freshID('a');
  const amount = h('input', {
    id, inputmode: 'decimal', autocomplete: 'off', placeholder: '0.00', 'aria-describedby': `${id}-hint`,
    onkeydown: (event) => { if (event.key === 'Enter') amount.blur(); },
  });

  function spendFen() {
    const yuan = Number(amount.value.replace(',', '.') || 0);
    return Number.isFinite(yuan) && yuan >= 0 ? Math.round(yuan * 100) : null;
  }

  async function redeem(code, pin) {
    const fen = spendFen();
    if (fen === null) {
      showResult({kind: 'bad', title: t('venue.amount.bad'), lines: [amount.value]});
      amount.focus();
      return;
    }
    const {answer, entry} = await ask('redeem', '/v1/redemptions', {code, spendFen: fen}, {pin, milliseconds: 5000});
    if (answer) tell(answer, code, fen);
    else tellAlone(await desk.takeAlone(entry));
  }

  function tell(answer, code, fen) {
    if (answer.outcome !== 'refused') {
      amount.value = '';
      const one = remember({
        requestID: answer.requestId, at: Date.now(), title: answer.coupon?.title, fen: answer.amountFen, name: answer.member?.maskedName,
      });
      showResult({
        kind: 'good', title: answer.coupon?.goods ?? t('venue.off', {money: money(answer.amountFen ?? 0)}), seconds: 12,
        lines: [answer.coupon?.title, answer.coupon?.goods ? null : rest(fen, answer.amountFen), answer.member?.maskedName],
        actions: [[t('venue.annul'), () => annul(one)]],
      });
      return;
    }
    const fault = pinFault(answer.reasons.map((reason) => reason.code));
    showResult({
      kind: fault === 'missing' ? 'note' : 'bad', title: t(fault ? 'reader.pin.asked' : 'venue.refused'),
      lines: [...answer.reasons.map((reason) => reason.text),
        answer.earlier && t('venue.earlier', {time: moment(answer.earlier.at), venue: answer.earlier.venueName}),
        answer.member?.maskedName],
      body: fault && pinPad((typed) => redeem(code, typed)),
    });
  }

  const rest = (fen, off) => (fen ? t('venue.rest', {money: money(Math.max(0, fen - (off ?? 0)))}) : null);

  function tellAlone(result) {
    if (result.reason) {
      showResult({kind: 'bad', title: t('venue.refused'), lines: [t(result.reason), t('venue.alone')]});
      return;
    }
    amount.value = '';
    remember({requestID: result.entry.id, at: Date.now(), title: result.title, isAlone: true});
    showResult({kind: 'good', title: t('venue.taken_alone'), lines: [result.title, t('venue.alone.later')], seconds: 8});
  }

  function remember(one) {
    taken.add(one);
    drawTaken();
    return one;
  }
  function drawTaken() {
    redraw(list, taken.all.length === 0 ? h('li', {class: 'soft'}, t('venue.taken.none')) : taken.all.map((one) => h('li', {},
      h('span', {class: 'number'}, clock(new Date(one.at).toISOString())),
      h('span', {class: 'grow'}, [one.title, one.name].filter(Boolean).join(' · ')),
      one.fen !== undefined && one.fen !== null && h('strong', {}, money(one.fen)),
      stateOf(one))));
  }
  function stateOf(one) {
    if (one.isAnnulled) return h('span', {class: 'tag bad'}, t('venue.annulled'));
    if (one.isAlone) return h('span', {class: 'tag note'}, t('venue.waits'));
    if (Date.now() - one.at > annulWithin) return null;
    return h('button', {
      type: 'button', class: 'quiet', 'data-key': one.requestID, onclick: (event) => annul(one, event.currentTarget),
    }, t('venue.annul'));
  }
  async function annul(one, button) {
    const answer = await confirm({title: t('venue.annul'), text: t('venue.annul.text'), action: t('venue.annul'), danger: true});
    if (answer === null) return;
    await act(button, async () => {
      await call('POST', `/v1/redemptions/${one.requestID}/annul`);
      taken.change(one, {isAnnulled: true});
    }, {done: t('venue.annul.done')});
    drawTaken();
  }

  function drawCampaigns() {
    name.textContent = desk.venue?.name ?? device.name;
    put(campaigns, desk.venue?.isClosed && h('p', {class: 'banner bad'}, t('venue.closed')),
      desk.fault && h('p', {class: 'banner warn', role: 'status'}, desk.fault),
      desk.campaigns.map((one) => h('div', {class: 'card'}, h('h3', {}, one.title),
        h('p', {}, worth(one), one.isPaused && [' ', h('span', {class: 'tag warn'}, t('venue.paused'))]),
        h('p', {class: 'small'}, t('venue.left', {n: desk.left(one)})))));
  }

  drawTaken();
  drawCampaigns();
  desk.keepFresh(signal, () => {
    drawCampaigns();
    // What can no longer be taken back loses its button.
    drawTaken();
  });
  keepTelling(() => desk.flush((results) => {
    for (const result of results) settle(result);
    drawCampaigns();
  }), signal);

  function settle({requestId, redemption, isConflict}) {
    const one = taken.find(requestId);
    if (one) {
      taken.change(one, {
        isAlone: false, fen: redemption?.amountFen, name: redemption?.member?.maskedName, isAnnulled: redemption?.outcome === 'refused',
      });
    }
    drawTaken();
    if (isConflict || redemption?.outcome !== 'redeemed') {
      toast(redemption?.reasons[0]?.text ?? t(redemption?.outcome === 'redeemed_twice' ? 'venue.twice' : 'venue.conflict'), {kind: 'bad'});
    } else toast(t('venue.uploaded'));
  }

  return h('div', {class: 'work'}, h('div', {class: 'head'}, name),
    h('div', {},
      h('div', {class: 'field amount'}, h('label', {for: id}, t('venue.amount')), amount,
        h('p', {class: 'hint', id: `${id}-hint`}, t('venue.amount.hint'))),
      reader({signal, read: (code) => redeem(code), hint: t('venue.hint'), numbers: t('reader.coupon')})),
    h('section', {'aria-label': t('venue.aside')}, h('h2', {}, t('venue.taken')), h('div', {class: 'card'}, list),
      h('h2', {}, t('venue.campaigns')), campaigns));
}

/** What a campaign's coupon is worth, in words. */
function worth({goods, minimumSpendFen, faceFen}) {
  if (goods) return goods;
  const off = money(faceFen);
  return minimumSpendFen > 0 ? t('venue.campaign', {minimum: money(minimumSpendFen), money: off}) : t('venue.campaign.any', {money: off});
}
