import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import type { Session } from "#wire/identity";
import { CallContext, CallError, makeCall } from "#kit/call";
import { browserClock } from "#kit/clock";
import { watchPresence } from "#kit/presence";
import { cssVariablesResolver, theme } from "#kit/theme";
import { FormatProvider } from "./kit/FormatProvider.tsx";
import { LanguageProvider } from "./kit/LanguageProvider.tsx";
import { OverlayRegion } from "./kit/OverlayRegion.tsx";
import { ToastProvider } from "./kit/ToastProvider.tsx";
import { makeRouter } from "./routes.tsx";

const schemeManager = localStorageColorSchemeManager({ key: "hinoban.scheme" });

/** A refusal stays a refusal however often it is asked; only what may pass is tried again. */
const isWorthRetrying = (failures: number, error: unknown): boolean =>
  failures < 3 && error instanceof CallError && (error.status === 0 || error.status >= 502);

/** Everything that lives as long as the page: made once, when it is first drawn. */
function makeConsole() {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: 5000, retry: isWorthRetrying, refetchOnWindowFocus: true }, mutations: { retry: false } },
  });
  const signedOut: Session = { signedIn: false };
  const call = makeCall({
    isIdle: watchPresence(window, browserClock),
    fetch: (input, init) => fetch(input, init),
    csrf: () => {
      const session = client.getQueryData<Session>(["session"]);
      return session?.signedIn === true ? session.csrf : undefined;
    },
    onSignedOut: () => {
      const before = client.getQueryData<Session>(["session"]);
      if (before?.signedIn !== true) return;
      client.setQueryData<Session>(["session"], signedOut);
      void router.invalidate();
    },
  });
  const router = makeRouter({ client, call });
  return { client, call, router };
}

export function App() {
  const [{ client, call, router }] = useState(makeConsole);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} colorSchemeManager={schemeManager} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <CallContext value={call}>
          <LanguageProvider>
            <FormatProvider>
              <ToastProvider>
                <RouterProvider router={router} />
                <OverlayRegion />
              </ToastProvider>
            </FormatProvider>
          </LanguageProvider>
        </CallContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}
