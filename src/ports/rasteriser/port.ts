/** Makes pictures of drawings. */
export interface Rasteriser {
  /**
   * A PNG of an SVG document, as large as the document says. Nothing that the document refers to is loaded.
   * @throws HinobanError "unavailable" when too many wait or it takes too long, "internal" for a document that cannot be drawn
   */
  png(svg: string): Promise<Uint8Array>;
  close(): Promise<void>;
}
