// Something that is kept for somebody until a time: how long it is still kept, to take it, to leave it to others.

import {h} from '../shared/dom.js';
import {act, confirm} from '../shared/view.js';
import {moment, t} from '../shared/text.js';
import {countdown} from './countdown.js';

/**
 * An offer with its deadline and both answers. `take` and `leave` call the service; `changed` is called after each, and when time is up.
 *
 * - what: what is left to others, named when it is asked once more
 */
export function offer({until, what, take, leave, changed, signal}) {
  const run = async (button, action, done) => { if (await act(button, action, {done})) changed(); };
  return h('div', {class: 'banner warn offer'},
    h('p', {}, h('strong', {}, t('offer.left')), ' ', h('strong', {}, countdown(until, {signal, over: () => changed()}))),
    h('p', {}, t('offer.until', {time: moment(until)})),
    h('div', {class: 'actions'},
      h('button', {type: 'button', class: 'primary', onclick: (event) => run(event.currentTarget, take, t('offer.taken'))}, t('offer.take')),
      h('button', {
        type: 'button', onclick: async (event) => {
          const button = event.currentTarget;
          const answer = await confirm({title: t('offer.leave.title'), text: t('offer.leave.text', {what}), action: t('offer.leave'), danger: true});
          if (answer !== null) run(button, leave, t('offer.left_over'));
        },
      }, t('offer.leave'))));
}
