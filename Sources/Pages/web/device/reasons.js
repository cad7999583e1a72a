// Reasons in words: those of the service come in words, those that the device finds alone are in its catalogue.

import {hasText, t} from '../shared/text.js';

/** The sentences for reason codes; `answered` are the service's own, with their texts. */
export function codeReasons(codes, answered = []) {
  return codes.map((one) => {
    const code = one.code ?? one;
    return answered.find((reason) => reason.code === code)?.text ?? (hasText(`reason.${code}`) ? t(`reason.${code}`) : t('reason.other', {code}));
  });
}
