// Something that is kept for somebody until a time: how long it is still kept, to take it, to leave it to others.

import {h} from '../shared/dom.js';
import {moment, t} from '../shared/text.js';
import {countdown} from './countdown.js';
import {doing} from './doing.js';

/**
 * An offer with its deadline and both answers. `take` and `leave` call the service; `changed` is called after each, and when time is up.
 *
 * - what: what is left to others, named when it is asked once more
 */
export function offer({until, what, take, leave, changed, signal}) {
  return h('div', {class: 'banner warn offer'},
    h('p', {}, h('strong', {}, t('offer.left')), ' ', h('strong', {}, countdown(until, {signal, over: () => changed()}))),
    h('p', {}, t('offer.until', {time: moment(until)})), answers({what, take, leave, changed}));
}

/** Both answers to an offer, without its deadline. */
export function answers({what, take, leave, changed}) {
  const ask = {title: t('offer.leave.title'), text: t('offer.leave.text', {what}), danger: true};
  return h('div', {class: 'actions'},
    doing(t('offer.take'), take, {kind: 'primary', done: t('offer.taken'), after: changed}),
    doing(t('offer.leave'), leave, {ask, done: t('offer.left_over'), after: changed}));
}
