// Where somebody is, asked of the browser when it is needed, and how far it is from there.

/** The position as {latitude, longitude}; null when it is not given. */
export function whereAmI() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) {
      resolve(null);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({coords}) => resolve({latitude: coords.latitude, longitude: coords.longitude}), () => resolve(null),
      {timeout: 8000, maximumAge: 300000});
  });
}

/** Metres between two positions, as the crow flies. */
export function metresBetween(one, other) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const half = (from, to) => Math.sin(radians(to - from) / 2) ** 2;
  const share = half(one.latitude, other.latitude)
    + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * half(one.longitude, other.longitude);
  return 2 * 6371000 * Math.asin(Math.sqrt(share));
}
