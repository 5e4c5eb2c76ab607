/** One numbered step of the schema. Steps of lower-ranked features come first; a released step never changes. */
export interface Migration {
  /** `<feature>-<nnn>`, unique for ever. */
  readonly id: string;
  readonly sql: string;
}
