// Lines over time or numbers, with gaps where nothing is known. Series differ by colour and by how their lines are dashed.

import {s} from './dom.js';
import {clock, count, day, t} from './text.js';
import {colours, frame, label, legend, ticks, widthOf} from './chart-frame.js';

const top = 12;
const depth = 200;

/**
 * Lines: series are [{name, points: [[x, y]]}]; x is a time (milliseconds or a text) where `x` is 'time', y null a gap. `from` and `until` are
 * the ends of the picture where they are not those of the points, `formatX` says an x. A point pressed leads to its row among the figures;
 * `href(x)` says where a row leads.
 */
export function lines(options) {
  const figure = frame(({title, series, x = 'number', format = count, formatX, from, until, href}) => {
    const drawn = series.map((one) => ({name: one.name,
      points: one.points.map(([at, value]) => [x === 'time' ? +new Date(at) : at, value])}));
    const known = drawn.flatMap((one) => one.points).filter(([, value]) => Number.isFinite(value));
    const bounds = {
      from: from === undefined ? Math.min(...known.map(([at]) => at)) : +new Date(from),
      until: until === undefined ? Math.max(...known.map(([at]) => at)) : +new Date(until),
    };
    const say = formatX ?? (x === 'time' ? sayTime(bounds) : count);
    const places = [...new Set(drawn.flatMap((one) => one.points.map(([at]) => at)))].sort((one, other) => one - other);
    return {
      title, summary: known.length ? drawn.map((one) => summary(one, say, format)).join(' ') : t('chart.none'),
      head: [t(x === 'time' ? 'chart.time' : 'chart.place'), ...drawn.map((one) => one.name)],
      rows: places.map((at) => [{text: say(at), href: href?.(at)}, ...drawn.map((one) => {
        const value = one.points.find(([place]) => place === at)?.[1];
        return Number.isFinite(value) ? format(value) : '—';
      })]),
      draw: (width) => (known.length ? draw(drawn, bounds, say, format, width, (at) => figure.reveal(places.indexOf(at))) : nothing(width)),
      below: drawn.length > 1 ? legend(drawn.map((one) => one.name), {lines: true}) : null,
    };
  }, options);
  return figure;
}

/** As high as a picture: what stands below stays where it is when the first figures come. */
function nothing(width) {
  return {height: top + depth + 30, children: label(width / 2, top + depth / 2, t('chart.none'), {anchor: 'middle', soft: true})};
}

function summary(one, say, format) {
  const known = one.points.filter(([, value]) => Number.isFinite(value));
  if (!known.length) return '';
  const best = known.reduce((found, point) => (point[1] > found[1] ? point : found));
  return t('chart.summary.line', {name: one.name, value: format(best[1]), at: say(best[0]), last: format(known.at(-1)[1])});
}

function sayTime({from, until}) {
  const reach = until - from;
  return (at) => (reach > 3 * 86400000 ? day(new Date(at).toISOString(), {weekday: false})
    : clock(new Date(at).toISOString(), {seconds: reach < 600000}));
}

function draw(series, {from, until}, say, format, width, press) {
  const values = series.flatMap((one) => one.points.map(([, value]) => value)).filter(Number.isFinite);
  const marks = ticks(Math.min(0, ...values), Math.max(0, ...values));
  const left = Math.max(...marks.map((mark) => widthOf(format(mark)))) + 10;
  const across = (at) => left + 4 + ((at - from) / (until - from || 1)) * (width - left - 24);
  const down = (value) => top + depth - ((value - marks[0]) / (marks.at(-1) - marks[0] || 1)) * depth;
  // The words at both ends stand within the picture, half as wide again beside their neighbours.
  const room = Math.max(90, 1.5 * widthOf(say(until)) + 12);
  const steps = from === until ? 0 : Math.max(1, Math.min(6, Math.floor((width - left - 24) / room)));
  const children = [
    marks.map((mark) => [s('path', {d: `M${left} ${down(mark)}H${width}`, class: 'grid'}),
      label(left - 8, down(mark) + 4, format(mark), {anchor: 'end', soft: true})]),
    Array.from({length: steps + 1}, (_, index) => {
      const at = from + ((until - from) * index) / (steps || 1);
      return label(across(at), top + depth + 20, say(at), {anchor: index === 0 ? 'start' : index === steps ? 'end' : 'middle', soft: true});
    }),
    series.map((one, index) => {
      const number = (index % colours) + 1;
      const alone = one.points.filter(([, value], place) => Number.isFinite(value)
        && !Number.isFinite(one.points[place - 1]?.[1]) && !Number.isFinite(one.points[place + 1]?.[1]));
      return [s('path', {d: path(one.points, across, down), class: `line l${number}`}),
        alone.map(([at, value]) => s('circle', {cx: across(at), cy: down(value), r: 3, class: `c${number}`}))];
    }),
  ];
  // What a finger can hit is more than the line: a strip over each place.
  const places = [...new Set(series.flatMap((one) => one.points.filter(([, value]) => Number.isFinite(value)).map(([at]) => at)))];
  const strip = Math.max(4, (width - left - 24) / Math.max(places.length, 1));
  const strips = places.map((at) => s('rect', {x: across(at) - strip / 2, y: top, width: strip, height: depth, class: 'strip',
    onclick: () => press(at)},
    s('title', {}, [say(at), ...series.map((one) => {
      const value = one.points.find(([place]) => place === at)?.[1];
      return Number.isFinite(value) ? `${one.name} ${format(value)}` : '';
    })].filter(Boolean).join(' · '))));
  return {height: top + depth + 30, children: [...children, strips]};
}

function path(points, across, down) {
  let isOn = false;
  let text = '';
  for (const [at, value] of points) {
    if (Number.isFinite(value)) text += `${isOn ? 'L' : 'M'}${across(at).toFixed(1)} ${down(value).toFixed(1)}`;
    isOn = Number.isFinite(value);
  }
  return text;
}
