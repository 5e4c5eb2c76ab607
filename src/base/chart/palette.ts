/** The colours of graphs in one scheme, as `#rrggbb`. */
export interface ChartColours {
  readonly surface: string;
  readonly text: string;
  readonly dimmed: string;
  readonly axis: string;
  readonly grid: string;
  readonly border: string;
  /** What is not in use. */
  readonly idle: string;
  /** Thresholds, and the moment that a picture is about. */
  readonly warning: string;
  readonly critical: string;
  /** Twelve, in an order in which neighbours differ in hue and lightness; each at least 3:1 on the surface. */
  readonly series: readonly string[];
  /** Lightness (OKLCH) of the series behind the twelfth, whose hues are computed. */
  readonly lightness: number;
}

export const chartSchemes = ["light", "dark"] as const;
export type ChartScheme = (typeof chartSchemes)[number];

export const chartColours: Readonly<Record<ChartScheme, ChartColours>> = {
  light: {
    surface: "#ffffff",
    text: "#212529",
    dimmed: "#495057",
    axis: "#495057",
    grid: "#e4e7eb",
    border: "#d5dae0",
    idle: "#ccd3da",
    warning: "#b35c00",
    critical: "#c92a2a",
    series: [
      "#2563c9",
      "#c4501b",
      "#23803b",
      "#8f3fb0",
      "#0b7d93",
      "#c02a62",
      "#83690b",
      "#5a3fc0",
      "#4f7a14",
      "#a33c3c",
      "#3d6a8a",
      "#7a5a46",
    ],
    lightness: 0.52,
  },
  dark: {
    surface: "#1f2226",
    text: "#e9ecef",
    dimmed: "#adb5bd",
    axis: "#b6bec6",
    grid: "#32373d",
    border: "#3a3f45",
    idle: "#4a5058",
    warning: "#ffb347",
    critical: "#ff8787",
    series: [
      "#78aefc",
      "#ff9d66",
      "#6fd488",
      "#d69cf2",
      "#4cc9dc",
      "#ff94b8",
      "#e6c64f",
      "#ab9dff",
      "#a9d65c",
      "#f08f8f",
      "#9fc4e0",
      "#cdae98",
    ],
    lightness: 0.78,
  },
};

/** The place of each series in the palette; idle ones take none (-1). */
export function paletteIndices(series: readonly { readonly tone?: "idle" }[]): number[] {
  let next = 0;
  return series.map((one) => {
    if (one.tone === "idle") return -1;
    next += 1;
    return next - 1;
  });
}

export const seriesChroma = 0.13;

/** Hues of the series behind the twelfth lie a golden angle apart. In degrees. */
export const seriesHue = (index: number): number => (index * 137.508) % 360;

/** The colour for a place in the palette as `#rrggbb`, for pictures in which nothing newer is understood. */
export function seriesColour({ series, idle, lightness }: ChartColours, index: number): string {
  return index < 0 ? idle : (series[index] ?? fromOklch(lightness, seriesChroma, seriesHue(index)));
}

/** OKLCH as sRGB, cut off where it lies outside. Matrices: https://bottosson.github.io/posts/oklab/ */
function fromOklch(lightness: number, chroma: number, hue: number): string {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear
    .map((value) =>
      Math.round(255 * gamma(Math.min(1, Math.max(0, value))))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

const gamma = (value: number): number => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
