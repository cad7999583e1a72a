// A flow from place to place: columns of places, as high as what is or was there, and bands as wide as what went from one to another.

import {s} from './dom.js';
import {count, t} from './text.js';
import {area, colours, fitted, frame, label, linked} from './chart-frame.js';

const breadth = 14;
const depth = 260;

/**
 * Stages are [{name, value, label?, href?, column?}] in the order they are passed, links [{from, to, value}] by their names. A stage stands in
 * the column after the last one that leads to it, unless it says its own.
 */
export function flow(options) {
  return frame(({title, stages, links, format = count}) => {
    const shown = links.filter((link) => link.value > 0);
    const placed = place(stages, shown);
    const name = (key) => text(stages.find((stage) => stage.name === key) ?? {name: key});
    return {
      title, summary: stages.map((stage) => `${text(stage)} ${format(stage.value)}`).join('; '),
      hasLinks: stages.some((stage) => stage.href),
      leastWidth: placed.length * 120, head: [t('chart.what'), t('chart.to'), t('chart.value')],
      rows: [
        ...stages.map((stage) => [{text: text(stage), href: stage.href}, '', format(stage.value)]),
        ...shown.map((link) => [name(link.from), name(link.to), format(link.value)]),
      ],
      draw: (width) => draw(placed, stages, shown, format, width),
    };
  }, options);
}

function text(stage) { return stage.label ?? stage.name; }

/** The stages by columns. */
function place(stages, links) {
  const column = new Map(stages.map((stage) => [stage.name, stage.column ?? 0]));
  for (let round = 0; round < stages.length; round += 1) {
    for (const link of links) {
      const target = stages.find((stage) => stage.name === link.to);
      if (target?.column !== undefined || link.from === link.to) continue;
      column.set(link.to, Math.min(stages.length - 1, Math.max(column.get(link.to) ?? 0, (column.get(link.from) ?? 0) + 1)));
    }
  }
  const used = [...new Set(column.values())].sort((one, other) => one - other);
  return used.map((number) => stages.filter((stage) => column.get(stage.name) === number));
}

function draw(columns, stages, links, format, width) {
  const size = new Map(stages.map((stage) => {
    const sent = links.filter((link) => link.from === stage.name).reduce((sum, link) => sum + link.value, 0);
    const got = links.filter((link) => link.to === stage.name).reduce((sum, link) => sum + link.value, 0);
    return [stage.name, Math.max(stage.value, sent, got)];
  }));
  const gap = 44;
  const full = Math.max(1, ...columns.map((column) => column.reduce((sum, stage) => sum + size.get(stage.name), 0)));
  const scale = depth / full;
  const boxes = new Map();
  const reach = columns.length > 1 ? (width - 104) / (columns.length - 1) : 0;
  let lowest = 0;
  columns.forEach((column, number) => {
    let y = 34;
    for (const stage of column) {
      const height = Math.max(3, size.get(stage.name) * scale);
      boxes.set(stage.name, {x: number * reach, y, height, sent: 0, got: 0, room: (columns.length > 1 ? Math.min(reach, 140) : width) - 8});
      y += height + gap;
    }
    lowest = Math.max(lowest, y - gap);
  });
  const bands = links.map((link) => band(link, boxes, scale, stages));
  const places = stages.map((stage, index) => {
    const box = boxes.get(stage.name);
    return linked(stage.href, `${text(stage)}: ${format(stage.value)}`,
      area(index % colours, {x: box.x, y: box.y, width: breadth, height: box.height, rx: 2}),
      label(box.x, box.y - 20, fitted(text(stage), box.room)), s('text', {x: box.x, y: box.y - 5, class: 'strong'}, format(stage.value)));
  });
  return {height: lowest + 10, children: [bands, places]};
}

function band(link, boxes, scale, stages) {
  const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
  if (!from || !to) return null;
  const thick = Math.max(1, link.value * scale);
  const [y1, y2] = [from.y + from.sent, to.y + to.got];
  from.sent += thick;
  to.got += thick;
  const [x1, x2] = [from.x + breadth, to.x];
  const middle = (x1 + x2) / 2;
  return s('path', {
    d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}V${y2 + thick}`
      + `C${middle} ${y2 + thick} ${middle} ${y1 + thick} ${x1} ${y1 + thick}Z`,
    class: `band c${(stages.findIndex((stage) => stage.name === link.to) % colours) + 1}`,
  });
}
