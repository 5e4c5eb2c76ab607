import { Alert, Group, Loader, Modal, Text } from "@mantine/core";
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { verifyLedger } from "#wire/ledger";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { pointsKey } from "#kit/live";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { messages } from "./messages.ts";

/** Lets the server read the whole history and compute every hash again. */
export function VerifyDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  // A fresh answer each time the dialog is opened. Under the key of points, because the entries that follow must not start it again.
  const { data, error, refetch } = useQuery({
    queryKey: [org, pointsKey, "verification"],
    queryFn: ({ signal }) => call(verifyLedger, { params: { org } }, signal),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  return (
    <Modal opened onClose={onClose} title={m.verifyTitle} closeButtonProps={{ "aria-label": kit.close }}>
      <div aria-live="polite">
        {!data && !error && (
          <Group gap="sm" wrap="nowrap">
            <Loader size="sm" aria-hidden />
            <Text size="sm">{m.verifying}</Text>
          </Group>
        )}
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.isIntact === true && (
          <Alert variant="outline" color="green" icon={<IconShieldCheck aria-hidden />}>
            {m.verified({ count: format.count(data.checked) })}
          </Alert>
        )}
        {data?.isIntact === false && (
          <Alert variant="outline" color="red" icon={<IconAlertTriangle aria-hidden />}>
            {m.broken({ number: String(data.bad?.seq ?? "?"), problem: data.bad?.problem ?? "" })}
          </Alert>
        )}
      </div>
    </Modal>
  );
}
