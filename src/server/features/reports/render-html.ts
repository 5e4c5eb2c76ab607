import { escapeXml } from "#base/chart/text";
import type { ReportBlock, ReportCell, ReportDocument, ReportSection } from "#wire/reports";

/** Colours that are read on screen and on paper, also without colour: they differ in lightness. */
const style = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1080px;color:#1f2933;background:#fff;font:14px/1.6 "M PLUS 1p","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic",Meiryo,system-ui,sans-serif}
h1{margin:0;font-size:26px;line-height:1.3}
h2{margin:36px 0 8px;padding-bottom:4px;border-bottom:2px solid #1b4f8f;font-size:19px}
h3{margin:20px 0 6px;font-size:15px}
p{margin:8px 0}
a{color:#1b4f8f;text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}
header p{color:#52606d}
nav{margin:16px 0;font-size:13px}
nav a{margin-right:14px;white-space:nowrap}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:12px 0}
.figure{padding:10px 12px;border:1px solid #cbd2d9;border-radius:6px}
.figure b{display:block;font-size:22px;line-height:1.4}
.figure small,.note,caption small{color:#52606d}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:13px}
caption{padding:14px 0 4px;text-align:left;font-weight:700;font-size:14px}
th,td{padding:4px 8px;border-bottom:1px solid #e4e7eb;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{border-bottom:1px solid #7b8794;font-weight:600;white-space:nowrap}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.bad,.bad a{color:#b42318;font-weight:600}
.good,.good a{color:#18794e}
.muted{color:#616e7c}
.s{white-space:nowrap}
.same{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
figure{margin:16px 0}
figcaption{font-weight:700}
figcaption span{margin-left:12px;font-weight:400;font-size:12px;white-space:nowrap}
figcaption i{display:inline-block;width:10px;height:10px;margin-right:4px;border:1px solid #334}
svg{display:block;width:100%;height:auto;margin-top:6px}
li{margin:6px 0}
footer{margin-top:40px;color:#52606d;font-size:12px}
@media (max-width:600px){body{padding:14px}h1{font-size:21px}th,td{padding:4px 6px}}
@media print{@page{size:A4;margin:14mm 12mm 16mm}body{max-width:none;padding:0;font-size:10.5px}table{font-size:9.5px}h1{font-size:20px}h2{font-size:15px;margin-top:20px;break-after:avoid}h3,caption,figcaption{break-after:avoid}.figures{grid-template-columns:repeat(4,1fr)}.figure b{font-size:16px}tr,figure,.figure,li{break-inside:avoid}thead{display:table-header-group}nav{display:none}.scroll{overflow:visible}a{color:inherit}th{white-space:normal}}
`;

const colours = ["#1b4f8f", "#f0a202"] as const;

/**
 * A page that holds everything: no script, no picture, no font from elsewhere. Every text is escaped.
 * @param publicUrl where the console is; without one, what would open it is plain text
 */
export function reportHtml(document: ReportDocument, publicUrl: string): string {
  const page = new Page(publicUrl);
  const { language, title, subtitle, facts, sections, organisation } = document;
  const contents = sections.map(({ id, title: name }) => `<a href="#${escapeXml(id)}">${escapeXml(name)}</a>`).join("");
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)} - ${escapeXml(organisation)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeXml(title)}</h1><p>${escapeXml(organisation)}<br>${escapeXml(subtitle)}</p></header>
<nav aria-label="${escapeXml(title)}">${contents}</nav>
<main>
${sections.map((section) => page.section(section)).join("\n")}
</main>
<footer>${facts.map(({ label, value }) => `${escapeXml(label)}: ${escapeXml(value)}`).join(" / ")}</footer>
</body>
</html>
`;
}

class Page {
  readonly #publicUrl: string;

  constructor(publicUrl: string) {
    this.#publicUrl = publicUrl.replace(/\/+$/u, "");
  }

  section({ id, title, blocks }: ReportSection): string {
    return `<section id="${escapeXml(id)}" aria-label="${escapeXml(title)}"><h2>${escapeXml(title)}</h2>\n${blocks.map((block) => this.#block(block, title)).join("\n")}</section>`;
  }

  #block(block: ReportBlock, title: string): string {
    switch (block.kind) {
      case "text":
        return `<p class="note">${escapeXml(block.text)}</p>`;
      case "list":
        return `<ul>${block.items.map((item) => `<li>${this.#cell(item)}</li>`).join("")}</ul>`;
      case "figures":
        return `<div class="figures">${block.figures
          .map(
            ({ label, value, note, href, tone }) =>
              `<div class="figure">${escapeXml(label)}<b class="${tone ?? ""}">${this.#link(escapeXml(value), href)}</b><small>${escapeXml(note ?? "")}</small></div>`,
          )
          .join("")}</div>`;
      case "table":
        return this.#table(block, title);
      case "bars":
        return block.layout === "upright" ? uprightBars(block) : lyingBars(block);
    }
  }

  #table({ caption, columns, rows, note }: Of<"table">, title: string): string {
    const head = columns.map(({ label, isNumber }) => `<th scope="col"${isNumber ? ' class="n"' : ""}>${escapeXml(label)}</th>`).join("");
    const body = rows
      .map(
        (row) =>
          `<tr>${row
            .map((one, index) => `<td class="${[cellClass(columns[index]), one.tone ?? ""].join(" ").trim()}">${this.#cell(one)}</td>`)
            .join("")}</tr>`,
      )
      .join("\n");
    const under = note === undefined ? "" : `<p class="note">${escapeXml(note)}</p>`;
    return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeXml(caption)}"><table><caption${caption === title ? ' class="same"' : ""}>${escapeXml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>${under}`;
  }

  #cell({ text, href }: ReportCell): string {
    return this.#link(escapeXml(text), href);
  }

  #link(html: string, href: string | undefined): string {
    if (href === undefined) return html;
    if (href.startsWith("#")) return `<a href="${escapeXml(href)}">${html}</a>`;
    return this.#publicUrl === "" || !href.startsWith("/") ? html : `<a href="${escapeXml(this.#publicUrl + href)}">${html}</a>`;
  }
}

/** A number; a text that stands in one line, such as a time; any other text. */
const cellClass = (column: Of<"table">["columns"][number] | undefined): string =>
  column?.isNumber === true ? "n" : (column?.share ?? 0) < narrow ? "s" : "";
const narrow = 2;

type Of<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;
type Bars = Of<"bars">;

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

const legend = ({ caption, series }: Bars): string =>
  `<figcaption>${escapeXml(caption)}${series.length < 2 ? "" : series.map((name, index) => `<span><i style="background:${colours[index] ?? ""}"></i>${escapeXml(name)}</span>`).join("")}</figcaption>`;

const width = 960;

function uprightBars(block: Bars): string {
  const { bars } = block;
  const height = 150;
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  const step = (width - 40) / Math.max(1, bars.length);
  const drawn = bars.map(({ values, label, text, isMarked }, index) => {
    const x = 40 + index * step;
    let y = height;
    const stacked = values.map((value, series) => {
      const size = (value / most) * (height - 10);
      y -= size;
      return value === 0
        ? ""
        : `<rect x="${px(x + step * 0.15)}" y="${px(y)}" width="${px(step * 0.7)}" height="${px(size)}" fill="${colours[series] ?? ""}"/>`;
    });
    const ground = isMarked === true ? `<rect x="${px(x)}" y="0" width="${px(step)}" height="${height}" fill="#eef1f4"/>` : "";
    return `<g>${ground}${stacked.join("")}<text x="${px(x + step / 2)}" y="${height + 16}" text-anchor="middle">${escapeXml(label)}</text><title>${escapeXml(text)}</title></g>`;
  });
  const scale = `<text x="34" y="14" text-anchor="end">${most}</text><text x="34" y="${height}" text-anchor="end">0</text><path d="M40 ${height}H${width}M40 10H${width}" stroke="#cbd2d9"/>`;
  return figureOf(block, height + 24, drawn.join("") + scale);
}

function lyingBars(block: Bars): string {
  const { bars } = block;
  const row = 26;
  const names = 220;
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  const room = width - names - 160;
  const drawn = bars.map(({ values, label, text }, index) => {
    const y = index * row;
    let x = names;
    const stacked = values.map((value, series) => {
      const size = (value / most) * room;
      const rect = value === 0 ? "" : `<rect x="${px(x)}" y="${y + 5}" width="${px(size)}" height="16" fill="${colours[series] ?? ""}"/>`;
      x += size;
      return rect;
    });
    return `<text x="${names - 10}" y="${y + 18}" text-anchor="end">${escapeXml(cut(label, 24))}</text>${stacked.join("")}<text x="${px(x + 8)}" y="${y + 18}">${escapeXml(text)}</text>`;
  });
  return figureOf(block, bars.length * row + 4, drawn.join(""));
}

const px = (value: number): string => String(Math.round(value * 10) / 10);
const cut = (text: string, most: number): string => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

const figureOf = (block: Bars, height: number, inside: string): string =>
  `<figure>${legend(block)}<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(`${block.caption}: ${block.bars.map(({ label, text }) => (text.includes(label) ? text : `${label} ${text}`)).join(", ")}`)}" font-size="12" fill="#334e68">${inside}</svg></figure>`;
