import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, type RenderResult } from "@testing-library/react";
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { afterEach } from "vitest";
import type { Clock } from "#base/clock";
import { CallContext, type Call } from "#kit/call";
import { browserClock, ClockContext } from "#kit/clock";
import { FormatContext, makeFormat } from "#kit/format";
import type { Language } from "#kit/messages";
import { cssVariablesResolver, theme } from "#kit/theme";
import { LanguageProvider } from "../kit/LanguageProvider.tsx";
import { OverlayRegion } from "../kit/OverlayRegion.tsx";
import { ToastProvider } from "../kit/ToastProvider.tsx";

export interface RenderOptions {
  readonly language?: Language;
  readonly clock?: Clock;
  readonly call?: Call;
}

afterEach(cleanup);

/** No test reaches a server unless it says how. */
const noCall: Call = () => Promise.reject(new Error("This test makes no calls."));

/** Draws a piece of the console inside everything it needs: theme, language, formats in Asia/Tokyo, toasts, overlays, a router. */
export function renderUi(ui: ReactNode, { language = "en", clock = browserClock, call = noCall }: RenderOptions = {}): RenderResult {
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} env="test">
      <QueryClientProvider client={client}>
        <ClockContext value={clock}>
          <CallContext value={call}>
            <LanguageProvider initial={language}>
              <FormatContext value={makeFormat(language, "Asia/Tokyo")}>
                <ToastProvider>
                  {/* The test's own small router stands for the console's. */}
                  <RouterContextProvider router={router as never}>{ui}</RouterContextProvider>
                  <OverlayRegion />
                </ToastProvider>
              </FormatContext>
            </LanguageProvider>
          </CallContext>
        </ClockContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
