/** A page of a list, and a part of a name. */
export interface PageOf {
  readonly text?: string | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

const usualLimit = 50;

/** `limit` and `offset` of a page, and the pattern that its text stands for. */
export const pageOf = (page: PageOf): { limit: number; offset: number; pattern: string } => ({
  limit: page.limit ?? usualLimit,
  offset: page.offset ?? 0,
  pattern: `%${(page.text ?? "").trim().replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`,
});
