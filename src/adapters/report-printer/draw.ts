import type { ReportBlock, ReportCell, ReportDocument, ReportSection } from "#wire/reports";
import { drawBars } from "./bars.ts";
import { ink, Paper } from "./page.ts";

type Of<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;

const tones = { good: ink.good, bad: ink.bad, muted: ink.faint } as const;

/** A report on A4 pages. @param font path of the one font that is embedded, as far as its letters are used */
export function printReport(
  document: ReportDocument,
  { font, publicUrl }: { readonly font: string; readonly publicUrl: string },
): Promise<Uint8Array> {
  const { title, organisation, language, sections, pageText } = document;
  const paper = new Paper({ font, title, author: organisation, language, publicUrl });
  drawHead(paper, document);
  for (const section of sections) drawSection(paper, section);
  return paper.finish((page, pages) => ({
    left: `${organisation}  ${title}`,
    right: pageText.replace("{page}", String(page)).replace("{pages}", String(pages)),
  }));
}

function drawHead(paper: Paper, { title, organisation, facts }: ReportDocument): void {
  paper.box(paper.left, paper.y, paper.width, 3, { fill: ink.main });
  paper.y += 16;
  for (const line of paper.lines(title, paper.width, 20)) {
    paper.text(line, paper.left, paper.y, { size: 20, isBold: true });
    paper.y += 28;
  }
  for (const line of paper.lines(organisation, paper.width, 13, 2)) {
    paper.text(line, paper.left, paper.y, { size: 13, colour: ink.main });
    paper.y += 19;
  }
  for (const { label, value } of facts.slice(1))
    for (const line of paper.lines(`${label}: ${value}`, paper.width, 9)) {
      paper.text(line, paper.left, paper.y, { size: 9, colour: ink.soft });
      paper.y += 13;
    }
  paper.y += 6;
}

function drawSection(paper: Paper, { id, title, blocks }: ReportSection): void {
  paper.need(110);
  paper.y += 14;
  paper.place(id, title);
  paper.text(title, paper.left, paper.y, { size: 14, isBold: true, colour: ink.main });
  paper.y += 21;
  paper.rule(paper.y, ink.main, 1);
  paper.y += 8;
  for (const block of blocks) drawBlock(paper, block, title);
}

function drawBlock(paper: Paper, block: ReportBlock, title: string): void {
  switch (block.kind) {
    case "figures":
      return drawFigures(paper, block);
    case "text":
      return drawText(paper, block.text, { size: 8.5, colour: ink.soft });
    case "list":
      return drawList(paper, block);
    case "table":
      return drawTable(paper, block, title);
    case "bars":
      return drawBars(paper, block);
  }
}

function drawText(
  paper: Paper,
  text: string,
  { size, colour }: { readonly size: number; readonly colour: string },
  indent = 0,
  href?: string,
): void {
  const height = size * 1.55;
  for (const line of paper.lines(text, paper.width - indent, size)) {
    paper.need(height);
    paper.text(line, paper.left + indent, paper.y, { size, colour, href: paper.opens(href) ? href : undefined });
    paper.y += height;
  }
  paper.y += 6;
}

function drawList(paper: Paper, { items }: Of<"list">): void {
  for (const { text, href } of items) {
    paper.need(16);
    paper.text("・", paper.left, paper.y, { size: 9.5, colour: ink.main, isBold: true });
    drawText(paper, text, { size: 9.5, colour: ink.text }, 12, href);
    paper.y -= 2;
  }
  paper.y += 4;
}

const inARow = 4;

function drawFigures(paper: Paper, { figures }: Of<"figures">): void {
  const gap = 8;
  const width = (paper.width - gap * (inARow - 1)) / inARow;
  const inner = width - 14;
  for (let first = 0; first < figures.length; first += inARow) {
    const row = figures.slice(first, first + inARow).map((figure) => ({
      ...figure,
      labels: paper.lines(figure.label, inner, 7.5, 2),
      notes: paper.lines(figure.note ?? "", inner, 7, 3),
      size: sizeFor(paper, figure.value, inner),
    }));
    const labelLines = Math.max(...row.map(({ labels }) => labels.length));
    const noteLines = Math.max(...row.map(({ notes }) => notes.length));
    const height = 14 + labelLines * 10.5 + 22 + noteLines * 10;
    paper.need(height + gap);
    row.forEach((figure, index) => {
      const x = paper.left + index * (width + gap);
      let y = paper.y + 6;
      paper.box(x, paper.y, width, height, { fill: ink.ground, stroke: ink.line });
      for (const line of figure.labels) {
        paper.text(line, x + 7, y, { size: 7.5, colour: ink.soft });
        y += 10.5;
      }
      y = paper.y + 6 + labelLines * 10.5 + 1;
      const { href, size, tone } = figure;
      paper.text(figure.value, x + 7, y, {
        size,
        isBold: true,
        colour: tone ? tones[tone] : ink.text,
        href: paper.opens(href) ? href : undefined,
      });
      y += 22;
      for (const line of figure.notes) {
        paper.text(line, x + 7, y, { size: 7, colour: ink.soft });
        y += 10;
      }
    });
    paper.y += height + gap;
  }
}

/** As large as there is room. */
function sizeFor(paper: Paper, value: string, width: number): number {
  const long = paper.measure(15)(value);
  return long <= width ? 15 : Math.max(8, (15 * width) / long);
}

const cellSize = 7.5;
const lineHeight = 10.6;
const padding = { x: 4, y: 2.6 } as const;
/** No row fills more than half a page. */
const mostLines = 30;

function drawTable(paper: Paper, { caption, columns, rows, note }: Of<"table">, title: string): void {
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / shares) * paper.width);
  const xs = widths.map((_, index) => paper.left + widths.slice(0, index).reduce((sum, one) => sum + one, 0));
  const prepare = (row: readonly ReportCell[]) => {
    const cells = row.map((one, index) => ({
      ...one,
      lines: paper.lines(one.text, (widths[index] ?? 0) - 2 * padding.x, cellSize, mostLines),
    }));
    return { cells, height: Math.max(1, ...cells.map(({ lines }) => lines.length)) * lineHeight + 2 * padding.y };
  };
  const head = prepare(columns.map(({ label }) => ({ text: label })));
  const draw = ({ cells, height }: ReturnType<typeof prepare>, isHead: boolean): void => {
    if (isHead) paper.box(paper.left, paper.y, paper.width, height, { fill: ink.ground });
    cells.forEach(({ lines, tone, href }, index) => {
      lines.forEach((line, at) => {
        paper.text(line, (xs[index] ?? 0) + padding.x, paper.y + padding.y + at * lineHeight, {
          size: cellSize,
          isBold: isHead || tone === "bad",
          colour: tone ? tones[tone] : isHead || !paper.opens(href) ? ink.text : ink.main,
          width: (widths[index] ?? 0) - 2 * padding.x,
          align: columns[index]?.isNumber ? "end" : "start",
          href: paper.opens(href) ? href : undefined,
        });
      });
    });
    paper.y += height;
    paper.rule(paper.y, isHead ? ink.faint : ink.line, isHead ? 0.8 : 0.4);
  };
  const prepared = rows.map(prepare);
  paper.need(18 + head.height + (prepared[0]?.height ?? 0) + (prepared[1]?.height ?? 0));
  paper.y += 4;
  // The heading of the section says it already.
  if (caption !== title) {
    paper.text(caption, paper.left, paper.y, { size: 9.5, isBold: true });
    paper.y += 16;
  }
  draw(head, true);
  for (const row of prepared) {
    if (paper.room < row.height) {
      paper.newPage();
      draw(head, true);
    }
    draw(row, false);
  }
  paper.y += 8;
  if (note !== undefined) drawText(paper, note, { size: 8, colour: ink.soft });
}
