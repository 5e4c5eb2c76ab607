/** A length of time in milliseconds. Make one with {@link seconds} and its siblings, so that a unit is always written down. */
export type Millis = number & { readonly unit: "ms" };

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = number & { readonly epoch: "ms" };

/** A point in time as Mackerel and the metric store write it: whole seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number & { readonly epoch: "s" };

// The only places where a bare number becomes a branded one.
const brandMillis = (n: number): Millis => n as Millis; // oxlint-disable-line typescript/no-unsafe-type-assertion -- branding
const brandUnixMs = (n: number): UnixMs => n as UnixMs; // oxlint-disable-line typescript/no-unsafe-type-assertion -- branding
const brandUnixSeconds = (n: number): UnixSeconds => n as UnixSeconds; // oxlint-disable-line typescript/no-unsafe-type-assertion -- branding

export const millis = brandMillis;
export const seconds = (n: number): Millis => brandMillis(n * 1000);
export const minutes = (n: number): Millis => brandMillis(n * 60_000);
export const hours = (n: number): Millis => brandMillis(n * 3_600_000);
export const days = (n: number): Millis => brandMillis(n * 86_400_000);

export const unixMs = brandUnixMs;
export const unixSeconds = (n: number): UnixSeconds => brandUnixSeconds(Math.floor(n));

/** `at` moved by `by`, which may be negative. */
export const addTime = (at: UnixMs, by: Millis): UnixMs => brandUnixMs(at + by);

/** Whole seconds of `at`, rounded down. */
export const toSeconds = (at: UnixMs): UnixSeconds => unixSeconds(at / 1000);

export const fromSeconds = (at: UnixSeconds): UnixMs => brandUnixMs(at * 1000);
