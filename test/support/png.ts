const signature = [137, 80, 78, 71, 13, 10, 26, 10];

/** Width and height of a PNG in pixels, read from its header. @throws when it is none */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  if (!signature.every((byte, at) => png[at] === byte)) throw new Error("this is no PNG");
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
