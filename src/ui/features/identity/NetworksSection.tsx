import { Button, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getNetworkRestriction, networkMethods, restrictNetworks, type NetworkMethod, type NetworkRestriction } from "#wire/identity";
import { CallError, useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./network-messages.ts";

/** From where the organisation may be used: by people, and by API keys. */
export function NetworksSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "networks"],
    queryFn: ({ signal }) => call(getNetworkRestriction, { params: { org } }, signal),
  });
  return (
    <Paper component="section" withBorder p="md" mt="lg" maw="36rem" aria-label={m.title}>
      <Stack gap="md">
        <div>
          <Title order={2}>{m.title}</Title>
          <Text size="sm" c="dimmed">
            {m.intro} {data && m.yours({ address: data.address })}
          </Text>
        </div>
        {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && networkMethods.map((method) => <NetworksForm key={method} method={method} restriction={data} />)}
      </Stack>
    </Paper>
  );
}

const networksOf = (text: string): string[] => text.split(/[\s,]+/u).filter((line) => line !== "");

function NetworksForm({ method, restriction }: { readonly method: NetworkMethod; readonly restriction: NetworkRestriction }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("network.change");
  const { address } = restriction;
  const form = useDialogForm({
    initial: { networks: restriction[method].join("\n") },
    submit: async ({ networks }) => {
      try {
        const saved = await call(restrictNetworks, { params: { org, method }, body: { networks: networksOf(networks) } });
        client.setQueryData([org, "networks"], saved);
        toasts.show({ text: m.saved });
      } catch (error) {
        throw told(error, address, m);
      }
    },
  });
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Stack gap="xs">
        <Textarea
          {...form.text("networks")}
          label={m[method]}
          description={method === "web" ? m.webHint : m.apiHint}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          disabled={!mayChange}
        />
        <FormProblem problem={form.problem} />
        {mayChange ? (
          <Button type="submit" variant="default" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
            {kit.save}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {m.readOnly}
          </Text>
        )}
      </Stack>
    </form>
  );
}

/** The refusal in the reader's language: it is about the own address, or about how something is written. */
function told(error: unknown, address: string, m: (typeof messages)["en"]): unknown {
  if (!(error instanceof CallError) || error.code !== "invalid-input") return error;
  const isOwn = error.message.includes("shut you out");
  const problem = isOwn ? m.shutOut({ address }) : m.wrong;
  return new CallError({ status: error.status, code: error.code, detail: problem, fields: [{ field: "networks", problem }] });
}
