const star = 42;

/** Whether a text matches a pattern in which `*` stands for any text. Takes at most as many steps as the product of both lengths. */
export function glob(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern.charCodeAt(p) === star) {
      starAt = p;
      resumeAt = t;
      p += 1;
    } else if (p < pattern.length && pattern.charCodeAt(p) === text.charCodeAt(t)) {
      p += 1;
      t += 1;
    } else if (starAt >= 0) {
      resumeAt += 1;
      p = starAt + 1;
      t = resumeAt;
    } else return false;
  }
  while (pattern.charCodeAt(p) === star) p += 1;
  return p === pattern.length;
}
