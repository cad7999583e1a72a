// A short sound for good and one for bad, and the same for the hand: who looks at a person does not look at a screen.

const stored = 'waystation-device-muted';
let context;

/** Whether the sounds are off. */
export function isMuted() {
  try { return localStorage.getItem(stored) === 'yes'; } catch { return false; }
}

/** Keeps whether the sounds are off. */
export function mute(chosen) {
  try { localStorage.setItem(stored, chosen ? 'yes' : 'no'); } catch { /* Without storage the choice holds until the page is closed. */ }
}

/** Browsers let a page sound only after it was touched: the first touch opens the way. */
export function prepareSound() {
  const open = () => {
    if (!globalThis.AudioContext || navigator.userActivation?.hasBeenActive === false) return;
    context ??= new AudioContext();
    if (context.state === 'suspended') context.resume().catch(() => undefined);
  };
  addEventListener('pointerdown', open);
  addEventListener('keydown', open);
}

function tone(frequency, from, length) {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  const start = context.currentTime + from;
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.3, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + length);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}

/** Sounds for a result: 'good', 'bad' or 'note'. */
export function sound(kind) {
  // Refused where nobody has touched the page yet.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(kind === 'bad' ? [200, 100, 200] : 80);
  if (isMuted() || context?.state !== 'running') return;
  if (kind === 'good') {
    tone(880, 0, 0.12);
    tone(1320, 0.12, 0.18);
  } else if (kind === 'bad') {
    tone(220, 0, 0.25);
    tone(180, 0.3, 0.35);
  } else tone(660, 0, 0.2);
}
