// A map without tiles: places as points with names, where one stands oneself, how long a stretch is, where north is. Points that lie too
// near one another become one with their number; names stand only where they cover nothing. Whoever cannot see it has the list beside it.

import {h, s, put} from './dom.js';
import {distance, t} from './text.js';
import {arrange, denseCore, project, spread} from './map-layout.js';

const margin = 44;

/**
 * A map of `places` [{id, name, latitude, longitude, tone, note, href}]: tone is 'good', 'warn', 'bad' or 'note', each with its own shape;
 * note says it in words. `position` is {latitude, longitude} of who looks. `label` names the map.
 */
export function map({places, position, label}) {
  const shown = places.filter((place) => Number.isFinite(place.latitude) && Number.isFinite(place.longitude));
  const canvas = s('svg', {role: 'group', 'aria-label': label});
  const zoom = (factor) => () => { view = {...view, metresPerPixel: view.metresPerPixel * factor}; draw(); };
  const control = (sign, key, action) => h('button', {type: 'button', class: 'icon', 'aria-label': t(key), onclick: action}, sign);
  const host = h('div', {class: 'map'}, canvas, h('div', {class: 'map-controls noprint'},
    control('+', 'map.closer', zoom(0.5)), control('−', 'map.wider', zoom(2)),
    control('⤢', 'map.all', () => { view = undefined; draw(shown); })));
  let view;

  function draw(fitted) {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height || !shown.length) return;
    canvas.setAttribute('viewBox', `0 0 ${width} ${height}`);
    view ??= fit(fitted ?? near(shown, position), position, width, height);
    const at = (place) => project(place, view, width, height);
    const here = position && at(position);
    const groups = arrange(shown.map((place) => ({place, ...at(place)})), width, height, here);
    put(canvas, s('rect', {class: 'ground', width, height}), groups.map((group) => point(group)),
      here && ownPosition(here), scaleBar(height), north(width));
  }

  function point(group) {
    const {x, y, members, text} = group;
    if (members.length > 1) {
      const into = () => { view = undefined; draw(members.map((one) => one.place)); canvas.querySelector('a, [role=button]')?.focus(); };
      return s('g', {
        class: 'cluster', role: 'button', tabindex: '0', 'aria-label': t('map.cluster', {n: members.length}), onclick: into,
        onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); into(); } },
      }, s('circle', {cx: x, cy: y, r: 18}), s('text', {x, y: y + 5, 'text-anchor': 'middle'}, String(members.length)));
    }
    const {place} = members[0];
    const named = place.note ? `${place.name} · ${place.note}` : place.name;
    return s('a', {class: `point ${place.tone ?? 'note'}`, href: place.href, 'aria-label': named}, s('title', {}, named),
      s('circle', {class: 'reach', cx: x, cy: y, r: 22}), mark(place.tone, x, y),
      text && s('text', {x: text.x, y: text.y, 'text-anchor': text.anchor}, text.words));
  }

  function scaleBar(height) {
    const {metres, pixels} = stretch(view.metresPerPixel);
    return s('g', {class: 'scale'}, s('path', {d: `M12 ${height - 18}v6h${pixels}v-6`}),
      s('text', {x: 16, y: height - 18}, distance(metres)));
  }

  new ResizeObserver(() => { draw(); }).observe(canvas);
  return host;
}

/** What is shown at first: what is near, or where most places are. */
function near(places, position) {
  return position ? [...places].sort((one, other) => spread(one, position) - spread(other, position)).slice(0, 6) : denseCore(places);
}

/** A view that holds places, and the own position where it is not far off. */
function fit(places, position, width, height) {
  const all = position && spread(places[0], position) < 100000 ? [...places, position] : places;
  const [south, north] = bounds(all.map((place) => place.latitude));
  const [west, east] = bounds(all.map((place) => place.longitude));
  const centre = {latitude: (south + north) / 2, longitude: (west + east) / 2};
  const high = (north - south) * 111320;
  const wide = (east - west) * 111320 * Math.cos((centre.latitude * Math.PI) / 180);
  return {centre, metresPerPixel: Math.max(1, high / Math.max(60, height - 2 * margin), wide / Math.max(60, width - 2 * margin))};
}

function bounds(values) { return [Math.min(...values), Math.max(...values)]; }

function mark(tone, x, y) {
  if (tone === 'bad') return s('g', {}, s('circle', {cx: x, cy: y, r: 9}), s('path', {d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`}));
  if (tone === 'warn') return s('path', {class: 'solid', d: `M${x} ${y - 11}l11 20h-22z`});
  if (tone === 'good') return s('circle', {class: 'solid', cx: x, cy: y, r: 9});
  return s('rect', {class: 'solid', x: x - 8, y: y - 8, width: 16, height: 16, rx: 3});
}

function ownPosition({x, y}) {
  return s('g', {class: 'here', role: 'img', 'aria-label': t('map.here')}, s('title', {}, t('map.here')),
    s('circle', {class: 'halo', cx: x, cy: y, r: 14}), s('circle', {cx: x, cy: y, r: 6}));
}

function north(width) {
  return s('g', {class: 'north', role: 'img', 'aria-label': t('map.north')},
    s('path', {d: `M${width - 20} 10l7 18l-7 -4l-7 4z`}),
    s('text', {x: width - 20, y: 42, 'text-anchor': 'middle'}, t('map.north_letter')));
}

/** A round length of about eighty pixels. */
function stretch(metresPerPixel) {
  const wanted = metresPerPixel * 80;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const metres = [5, 2, 1].map((one) => one * power).find((one) => one <= wanted) ?? power;
  return {metres, pixels: metres / metresPerPixel};
}
