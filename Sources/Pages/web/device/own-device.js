// Which device this is and where it stands: asked of the service, kept for the time without it.

import {forgetEverything, keepValue, keptValue} from './journal.js';
import {getWithin, isUnanswered} from './link.js';

/** The device: {id, name, profile, …}; what was kept, where the service cannot be reached. */
export async function readDevice() {
  const kept = await keptValue('device');
  try {
    const device = await getWithin(kept ? 2500 : 15000, '/v1/device');
    // Another pairing: what the device before knew and chose is not this one's.
    if (kept && kept.id !== device.id) await forgetEverything();
    await keepValue('device', device);
    return device;
  } catch (error) {
    if (kept && isUnanswered(error)) return kept;
    throw error;
  }
}

/** Begins the page anew at a path: nothing of the device before goes on. */
export function beginAnew(path) {
  location.replace(`#${path}`);
  location.reload();
}

/** Where it stands, as it was chosen: an access point or a visit with its names. */
export async function chosenPlace() { return keptValue('place'); }

/** Keeps where it stands. */
export async function choosePlace(place) { await keepValue('place', place); }
