import { readFileSync } from "node:fs";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** The files that drawing takes: resvg as WebAssembly, and the one font, with Latin and Japanese letters. */
export interface DrawingFiles {
  readonly wasm: string;
  readonly font: string;
}

/** Family name of the font, as it stands in the file. */
const family = "M PLUS 1p";

/** Loads resvg (some 60 MB of memory) and gives what draws an SVG document as PNG. Once a thread: resvg refuses a second time. */
export async function loadDrawing({ wasm, font }: DrawingFiles): Promise<(svg: string) => Uint8Array> {
  await initWasm(readFileSync(wasm));
  const letters = new Uint8Array(readFileSync(font));
  return (svg) => {
    const drawing = new Resvg(svg, { font: { fontBuffers: [letters], defaultFontFamily: family, sansSerifFamily: family } });
    try {
      const picture = drawing.render();
      try {
        return picture.asPng();
      } finally {
        picture.free();
      }
    } finally {
      drawing.free();
    }
  };
}
