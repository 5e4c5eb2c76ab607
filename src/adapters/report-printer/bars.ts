import type { ReportBlock } from "#wire/reports";
import { ink, type Paper } from "./page.ts";

type Bars = Extract<ReportBlock, { kind: "bars" }>;

const colours = [ink.main, ink.second] as const;
const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** Stacked bars: upright ones over time, lying ones for things with names. */
export function drawBars(paper: Paper, block: Bars): void {
  const height = block.layout === "upright" ? 130 : 26 + Math.min(block.bars.length, 12) * 15;
  paper.need(height + 30);
  drawLegend(paper, block);
  if (block.layout === "upright") drawUpright(paper, block);
  else drawLying(paper, block);
  paper.y += 10;
}

function drawLegend(paper: Paper, { caption, series }: Bars): void {
  paper.y += 4;
  paper.text(caption, paper.left, paper.y, { size: 9.5, isBold: true });
  let x = paper.left + paper.measure(9.5)(caption) + 16;
  if (series.length > 1)
    series.forEach((name, index) => {
      paper.box(x, paper.y + 4, 7, 7, { fill: colours[index] ?? ink.soft });
      paper.text(name, x + 10, paper.y + 2, { size: 7.5, colour: ink.soft });
      x += 22 + paper.measure(7.5)(name);
    });
  paper.y += 18;
}

function drawUpright(paper: Paper, { bars }: Bars): void {
  const height = 84;
  const left = paper.left + 24;
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  const step = (paper.width - 24) / Math.max(1, bars.length);
  const bottom = paper.y + height;
  bars.forEach(({ values, label, isMarked }, index) => {
    const x = left + index * step;
    if (isMarked === true) paper.box(x, paper.y, step, height, { fill: ink.ground });
    let y = bottom;
    values.forEach((value, series) => {
      if (value === 0) return;
      const size = (value / most) * (height - 6);
      y -= size;
      paper.box(x + step * 0.15, y, step * 0.7, size, { fill: colours[series] ?? ink.soft });
    });
    paper.text(label, x, bottom + 2, { size: 6.5, colour: ink.soft, width: step, align: "middle" });
  });
  paper.rule(bottom, ink.faint, 0.6);
  paper.text(String(most), paper.left, paper.y + 1, { size: 6.5, colour: ink.soft, width: 20, align: "end" });
  paper.text("0", paper.left, bottom - 8, { size: 6.5, colour: ink.soft, width: 20, align: "end" });
  paper.y = bottom + 14;
}

function drawLying(paper: Paper, { bars }: Bars): void {
  const names = 130;
  const room = paper.width - names - 110;
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  for (const { label, values, text } of bars) {
    paper.need(15);
    const [name = ""] = paper.lines(label, names - 8, 8, 1);
    paper.text(name, paper.left, paper.y + 1, { size: 8, width: names - 8, align: "end" });
    let x = paper.left + names;
    values.forEach((value, series) => {
      if (value === 0) return;
      const size = (value / most) * room;
      paper.box(x, paper.y + 2, size, 9, { fill: colours[series] ?? ink.soft });
      x += size;
    });
    paper.text(text, x + 5, paper.y + 1, { size: 8, colour: ink.soft });
    paper.y += 15;
  }
}
