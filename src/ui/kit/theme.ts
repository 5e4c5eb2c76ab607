import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import { chartColours } from "#base/chart/palette";

/** Ai (藍), the indigo of the work jackets of the fire watch: the console's accent. Red and orange stay free for states. */
const ai: MantineColorsTuple = [
  "#edf2fb",
  "#d9e3f4",
  "#b2c6e9",
  "#8aa8de",
  "#7fa3e6",
  "#5c86d6",
  "#4671c6",
  "#375fb0",
  "#2b4f99",
  "#23437f",
];

/** Mantine's green with a last shade dark enough for white text. */
const green: MantineColorsTuple = [
  "#ebfbee",
  "#d3f9d8",
  "#b2f2bb",
  "#8ce99a",
  "#69db7c",
  "#51cf66",
  "#40c057",
  "#37b24d",
  "#2f9e44",
  "#237032",
];

/** Id of the landmark in which everything that floats is drawn. */
export const overlayRegionId = "overlays";

const scrollingList = { withScrollArea: false, styles: { options: { maxHeight: "15rem", overflowY: "auto" } } };

/** Shade 9 everywhere with automatic contrast: Mantine's own defaults leave text below the contrast that WCAG AA asks for. */
export const theme = createTheme({
  primaryColor: "ai",
  primaryShade: 9,
  autoContrast: true,
  luminanceThreshold: 0.179,
  colors: { ai, green },
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP", Meiryo, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "Noto Sans Mono CJK JP", monospace',
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.3" },
      h2: { fontSize: "1.2rem", lineHeight: "1.35" },
      h3: { fontSize: "1.05rem", lineHeight: "1.4" },
    },
  },
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // Menus, lists and dialogs open inside a landmark of the page and not behind its end: see OverlayRegion.
    Portal: { defaultProps: { target: `#${overlayRegionId}` } },
    // A dialog's heading is no banner of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    ModalTitle: { defaultProps: { fz: "lg", fw: 650 } },
    // The focus goes to the first entry at once; the placeholder before it would be a child that menus may not have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // The list itself scrolls, so that assistive technology knows it belongs to its field.
    Select: { defaultProps: scrollingList },
    MultiSelect: { defaultProps: scrollingList },
  },
});

const numbered = (colours: readonly string[]): Record<string, string> =>
  Object.fromEntries(colours.map((colour, at) => [`--hb-series-${at + 1}`, colour]));

/** How many series colours there are before hues are computed. */
export const seriesColours = chartColours.light.series.length;

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#495057",
    "--mantine-color-placeholder": "#5c636a",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-yellow-light-color": "#7a4b00",
    "--mantine-color-green-light-color": "#1b5e2a",
    "--mantine-color-orange-light-color": "#8a3300",
    "--hb-unknown-bg": "#e9ecef",
    "--hb-unknown-text": "#343a40",
    "--hb-page": "#f6f7f9",
    "--hb-surface": chartColours.light.surface,
    "--hb-border": chartColours.light.border,
    "--hb-hover": "#eef1f5",
    "--hb-flame": "#d9480f",
    "--hb-axis": chartColours.light.axis,
    "--hb-grid": chartColours.light.grid,
    "--hb-idle": chartColours.light.idle,
    "--hb-series-lightness": String(chartColours.light.lightness),
    ...numbered(chartColours.light.series),
  },
  dark: {
    "--mantine-color-dimmed": "#adb5bd",
    "--mantine-color-placeholder": "#9aa2aa",
    "--mantine-color-error": "#ff8787",
    "--hb-unknown-bg": "#3b4046",
    "--hb-unknown-text": "#e9ecef",
    "--hb-page": "#16181b",
    "--hb-surface": chartColours.dark.surface,
    "--hb-border": chartColours.dark.border,
    "--hb-hover": "#292d32",
    "--hb-flame": "#ff8c42",
    "--hb-axis": chartColours.dark.axis,
    "--hb-grid": chartColours.dark.grid,
    "--hb-idle": chartColours.dark.idle,
    "--hb-series-lightness": String(chartColours.dark.lightness),
    ...numbered(chartColours.dark.series),
  },
});
