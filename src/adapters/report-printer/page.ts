import PDFDocument from "pdfkit";
import { atMost, wrap, type Measure } from "./wrap.ts";

/** A4 in points. */
const paper = { width: 595.28, height: 841.89 } as const;
const margin = { side: 42, top: 54, bottom: 50 } as const;

export const ink = {
  text: "#1f2933",
  soft: "#52606d",
  faint: "#7b8794",
  line: "#cbd2d9",
  ground: "#f1f4f8",
  main: "#1b4f8f",
  second: "#f0a202",
  bad: "#b42318",
  good: "#18794e",
} as const;

interface TextLook {
  readonly size: number;
  readonly colour?: string;
  readonly isBold?: boolean;
  /** Width of the box in which the text stands; needed for `end` and `middle`. */
  readonly width?: number;
  readonly align?: "start" | "end" | "middle";
  /** An address, or `#name` for a place in the document. */
  readonly href?: string | undefined;
}

/** A4 paper with a pen: knows where it is, begins new pages, and says how wide a text is. */
export class Paper {
  readonly left = margin.side;
  readonly width = paper.width - 2 * margin.side;
  y: number = margin.top;
  readonly #document: PDFKit.PDFDocument;
  readonly #publicUrl: string;
  /** Advance of each character at 1000 points: shaping every text anew would take most of the time. */
  readonly #advances = new Map<string, number>();

  /** @param publicUrl where the console is; empty: paths are not opened */
  constructor(options: {
    readonly font: string;
    readonly title: string;
    readonly author: string;
    readonly language: string;
    readonly publicUrl: string;
  }) {
    const { font, title, author, language, publicUrl } = options;
    this.#publicUrl = publicUrl.replace(/\/+$/u, "");
    this.#document = new PDFDocument({
      size: "A4",
      margin: 0,
      bufferPages: true,
      lang: language,
      displayTitle: true,
      pdfVersion: "1.7",
      font,
      info: { Title: title, Author: author, Creator: "Hinoban" },
    });
  }

  /** What is left of the page. */
  get room(): number {
    return paper.height - margin.bottom - this.y;
  }

  newPage(): void {
    this.#document.addPage();
    this.y = margin.top;
  }

  /** Begins a page unless there is room. */
  need(height: number): void {
    if (this.room < height && this.y > margin.top) this.newPage();
  }

  measure(size: number): Measure {
    return (text) => {
      let width = 0;
      for (const character of text) width += this.#advanceOf(character);
      return (width * size) / 1000;
    };
  }

  lines(text: string, width: number, size: number, most = Number.MAX_SAFE_INTEGER): string[] {
    return atMost(wrap(text, width, this.measure(size)), most);
  }

  /** Writes one line; its top is at y. */
  text(line: string, x: number, y: number, { size, colour = ink.text, isBold = false, width = 0, align = "start", href }: TextLook): void {
    if (line === "") return;
    const long = this.measure(size)(line);
    const start = align === "end" ? x + width - long : align === "middle" ? x + (width - long) / 2 : x;
    const pdf = this.#document;
    pdf.fontSize(size).fillColor(colour);
    // The one weight that is embedded looks bold with a thin line around it.
    if (isBold) pdf.lineWidth(size / 28).strokeColor(colour);
    pdf.text(line, start, y, { lineBreak: false, fill: true, stroke: isBold });
    if (href !== undefined) this.link(start, y, long, size * 1.3, href);
  }

  link(x: number, y: number, width: number, height: number, href: string): void {
    if (href.startsWith("#")) this.#document.goTo(x, y, width, height, href.slice(1));
    else if (href.startsWith("/") && this.#publicUrl !== "") this.#document.link(x, y, width, height, this.#publicUrl + href);
  }

  /** Whether an address can be opened from here. */
  opens(href: string | undefined): href is string {
    return href !== undefined && (href.startsWith("#") || (href.startsWith("/") && this.#publicUrl !== ""));
  }

  box(x: number, y: number, width: number, height: number, { fill, stroke }: { readonly fill?: string; readonly stroke?: string }): void {
    const pdf = this.#document.rect(x, y, width, height);
    if (stroke !== undefined) this.#document.lineWidth(0.6);
    if (fill !== undefined && stroke !== undefined) pdf.fillAndStroke(fill, stroke);
    else if (fill !== undefined) pdf.fill(fill);
    else pdf.stroke(stroke ?? ink.line);
  }

  rule(y: number, colour: string, thickness = 0.5): void {
    this.#document
      .lineWidth(thickness)
      .strokeColor(colour)
      .moveTo(this.left, y)
      .lineTo(this.left + this.width, y)
      .stroke();
  }

  /** A place that links and the table of contents of readers lead to. */
  place(name: string, title: string): void {
    this.#document.addNamedDestination(name, "XYZ", 0, this.y, null);
    this.#document.outline.addItem(title);
  }

  /** Writes what stands on every page, and ends. */
  finish(foot: (page: number, pages: number) => { readonly left: string; readonly right: string }): Promise<Uint8Array> {
    const pdf = this.#document;
    const { count } = pdf.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      pdf.switchToPage(page);
      const { left, right } = foot(page + 1, count);
      const y = paper.height - margin.bottom + 18;
      this.rule(y - 6, ink.line);
      const [line = ""] = this.lines(left, this.width - 90, 7.5, 1);
      this.text(line, this.left, y, { size: 7.5, colour: ink.faint });
      this.text(right, this.left, y, { size: 7.5, colour: ink.faint, width: this.width, align: "end" });
    }
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      pdf.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      pdf.once("end", () => resolve(Buffer.concat(chunks)));
      pdf.once("error", reject);
      pdf.end();
    });
  }

  #advanceOf(character: string): number {
    const known = this.#advances.get(character);
    if (known !== undefined) return known;
    const width = this.#document.fontSize(1000).widthOfString(character);
    this.#advances.set(character, width);
    return width;
  }
}
