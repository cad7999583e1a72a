// Where things of a map stand: from degrees to pixels, points that lie together, names that do not overlap.

const metresPerDegree = 111320;
const together = 26;

/** Metres between two places on the globe. */
export function spread(one, other) {
  const radians = Math.PI / 180;
  const [a, b] = [one.latitude * radians, other.latitude * radians];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(((other.longitude - one.longitude) * radians) / 2) ** 2;
  return 2 * 6371000 * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Pixels of a place in a view {centre, metresPerPixel}: flat, which is right enough for a city. */
export function project(place, {centre, metresPerPixel}, width, height) {
  const shrink = Math.cos((centre.latitude * Math.PI) / 180);
  return {
    x: width / 2 + ((place.longitude - centre.longitude) * metresPerDegree * shrink) / metresPerPixel,
    y: height / 2 - ((place.latitude - centre.latitude) * metresPerDegree) / metresPerPixel,
  };
}

/** The places around the one that has most others within 30 km. */
export function denseCore(places) {
  const around = (place) => places.filter((other) => spread(place, other) < 30000);
  return places.slice(0, 400).map(around).reduce((most, one) => (one.length > most.length ? one : most), [places[0]]);
}

/** Points within the picture, those too near one another as one, each with the place of its name where there is room. */
export function arrange(points, width, height, here) {
  const groups = [];
  for (const point of points.filter(({x, y}) => x > -10 && y > -10 && x < width + 10 && y < height + 10)) {
    const near = groups.find((group) => Math.hypot(group.x - point.x, group.y - point.y) < together);
    if (near) near.members.push(point);
    else groups.push({x: point.x, y: point.y, members: [point]});
  }
  // Scale, arrow and buttons keep their corners.
  const taken = [{x: 0, y: height - 46, w: 110, h: 46}, {x: width - 40, y: 0, w: 40, h: 48}];
  taken.push({x: width - 60, y: height - 160, w: 60, h: 160}, ...groups.map(({x, y}) => ({x: x - 13, y: y - 13, w: 26, h: 26})));
  if (here) taken.push({x: here.x - 15, y: here.y - 15, w: 30, h: 30});
  for (const group of groups) if (group.members.length === 1) group.text = room(group, taken, width, height);
  return groups;
}

/** Where the name stands, shorter where the whole finds no room; undefined where no name does. */
function room({x, y, members}, taken, width, height) {
  return place(members[0].place.name, 1, {x, y}, taken, width, height) ?? place(members[0].place.name, 0.55, {x, y}, taken, width, height);
}

function place(name, share, {x, y}, taken, width, height) {
  const words = shorten(name, share);
  const wide = [...words].reduce((sum, character) => sum + (character.charCodeAt(0) > 255 ? 14 : 8), 0);
  const choices = [
    {x: x + 15, y: y + 5, anchor: 'start', left: x + 15}, {x: x - 15, y: y + 5, anchor: 'end', left: x - 15 - wide},
    {x, y: y + 27, anchor: 'middle', left: x - wide / 2}, {x, y: y - 16, anchor: 'middle', left: x - wide / 2},
  ];
  for (const {left, ...choice} of choices) {
    const box = {x: left, y: choice.y - 13, w: wide, h: 17};
    const isInside = box.x >= 2 && box.y >= 2 && box.x + wide <= width - 2 && box.y + box.h <= height - 2;
    if (!isInside || taken.some((one) => overlaps(one, box))) continue;
    taken.push(box);
    return {...choice, words};
  }
  return undefined;
}

function shorten(name, share) {
  const characters = [...name];
  const most = Math.round((characters.some((one) => one.charCodeAt(0) > 255) ? 9 : 20) * share);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : name;
}

function overlaps(one, other) {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}
