import { Button, Group, Paper, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { removeContact, type MyNotifications } from "#wire/notify-people";
import { allowPush, getPushKey } from "#wire/push";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { PageSection } from "../../kit/PageSection.tsx";
import { browserId, browserName, subscribe, supportOf, unsubscribe, type PushState } from "./browser-push.ts";
import { messages } from "./my-messages.ts";

/** Messages in this very browser: shown also while the console is closed. */
export function BrowserSection({ mine }: { readonly mine: MyNotifications }) {
  const m = useMessages(messages);
  const { state, contactId, refresh } = usePush(mine);
  const { isBusy, allow, leave } = useActs(contactId, refresh);
  return (
    <PageSection title={m.browser} hint={m.browserHint}>
      <Paper withBorder p="md" maw="46rem">
        <Group justify="space-between">
          <Text size="sm" flex={1} miw="14rem">
            {m[`browser-${state}`]}
          </Text>
          {state === "off" && (
            <Button variant="default" loading={isBusy} onClick={() => void allow()}>
              {m.browserAllow}
            </Button>
          )}
          {state === "on" && (
            <Button variant="default" loading={isBusy} onClick={() => void leave()}>
              {m.browserLeave}
            </Button>
          )}
        </Group>
      </Paper>
    </PageSection>
  );
}

interface Push {
  readonly state: PushState;
  /** Of this browser, when the server knows it. */
  readonly contactId: string | undefined;
  readonly refresh: () => Promise<unknown>;
}

/** It is on only when browser and server agree. */
function usePush(mine: MyNotifications): Push {
  const support = supportOf();
  const { data: browser = "", refetch: refresh } = useQuery({
    queryKey: ["this-browser"],
    queryFn: async () => (await browserId()) ?? "",
    enabled: support === "asked",
  });
  const contactId = browser === "" ? undefined : mine.contacts.find((one) => one.kind === "push" && one.browser === browser)?.id;
  if (support !== "asked") return { state: support, contactId, refresh };
  return { state: contactId === undefined ? "off" : "on", contactId, refresh };
}

function useActs(contactId: string | undefined, refresh: () => Promise<unknown>) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const busy = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      await refresh();
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  const allow = () =>
    busy(async () => {
      const { publicKey } = await call(getPushKey, { params: { org } });
      const subscription = await subscribe(publicKey);
      if (!subscription) {
        toasts.show({ kind: "problem", text: m["browser-denied"] });
        return;
      }
      const body = { subscription, label: browserName(navigator.userAgent) };
      client.setQueryData([org, "my-notifications"], await call(allowPush, { params: { org }, body }));
      toasts.show({ text: m.browserAllowed });
    });
  const leave = () =>
    busy(async () => {
      await unsubscribe();
      if (contactId === undefined) return;
      client.setQueryData([org, "my-notifications"], await call(removeContact, { params: { org, id: contactId } }));
    });
  return { isBusy, allow, leave };
}
