// Reasons in words: those of the service come in words, those that the device finds alone are in its catalogue.

import {hasText, t} from '../shared/text.js';

/** The sentences for reason codes; `answered` are the service's own, with their texts. */
export function codeReasons(codes, answered = []) {
  return codes.map((code) => answered.find((reason) => reason.code === code)?.text ?? ownText(code));
}

function ownText(code) { return hasText(`reason.${code}`) ? t(`reason.${code}`) : t('reason.other', {code}); }
