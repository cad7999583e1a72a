// Reading codes: by the camera where the browser has BarcodeDetector, by a scanner that types like a keyboard, or by hand.

import {h, put} from './dom.js';
import {t} from './text.js';

/** Whether the camera can be used here. */
export function hasCamera() { return 'BarcodeDetector' in globalThis && Boolean(navigator.mediaDevices?.getUserMedia); }

/**
 * A button that opens the camera and calls `found(text)` with each code once while it is held there. `signal` ends it.
 * The camera closes after the first code unless `stays`.
 */
export function cameraScanner(found, {signal, stays = false} = {}) {
  const host = h('div', {class: 'scanner'});
  let stream;
  let isOn = false;
  let isOpening = false;
  let last = {text: '', at: 0};

  // Who pressed the one button stands on the next.
  function show(...children) {
    const hadFocus = host.contains(document.activeElement);
    put(host, children);
    if (hadFocus) host.querySelector('button')?.focus();
  }

  function stop() {
    isOn = false;
    stream?.getTracks().forEach((track) => track.stop());
    stream = undefined;
    idle();
  }
  function idle() {
    show(hasCamera()
      ? h('button', {type: 'button', class: 'wide', onclick: start}, t('scan.camera'))
      : h('p', {class: 'hint'}, t('scan.none')));
  }
  async function start() {
    if (isOpening) return;
    isOpening = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment', width: {ideal: 1280}}});
    } catch {
      show(h('p', {class: 'banner warn', role: 'alert'}, t('scan.denied')),
        h('button', {type: 'button', class: 'wide', onclick: start}, t('action.retry')));
      return;
    } finally {
      isOpening = false;
    }
    isOn = true;
    const video = h('video', {playsinline: true, muted: true, 'aria-label': t('scan.aim')});
    video.muted = true;
    video.srcObject = stream;
    show(h('div', {class: 'viewfinder'}, video, h('p', {}, t('scan.aim'))),
      h('button', {type: 'button', class: 'wide', onclick: stop}, t('scan.stop')));
    await video.play();
    const detector = new BarcodeDetector({formats: ['qr_code']});
    while (isOn && !signal?.aborted) {
      let codes = [];
      try { codes = await detector.detect(video); } catch { /* A frame that cannot be read is followed by the next. */ }
      const text = codes[0]?.rawValue;
      const now = Date.now();
      if (text && (text !== last.text || now - last.at > 4000)) {
        last = {text, at: now};
        if (!stays) stop();
        found(text);
      }
      await new Promise((resolve) => { setTimeout(resolve, 120); });
    }
    stop();
  }
  signal?.addEventListener('abort', stop, {once: true});
  idle();
  return host;
}

/**
 * Hears a scanner that types: characters that come faster than a hand types them, ended by Enter, anywhere on the page but in fields.
 * Calls `found(text)`.
 */
export function listenToScanner(found, signal) {
  let typed = '';
  let last = 0;
  addEventListener('keydown', (event) => {
    if (event.target.closest?.('input, textarea, select, dialog')) return;
    const now = performance.now();
    if (now - last > 200) typed = '';
    last = now;
    if (event.key === 'Enter') {
      if (typed.length >= 6) {
        event.preventDefault();
        found(typed);
      }
      typed = '';
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typed += event.key;
      if (typed.length > 3 && event.target.tagName === 'BUTTON') event.preventDefault();
    }
  }, {signal});
}
