import { Button, Group, NumberInput, Text } from "@mantine/core";
import { changeRoutingSettings, RoutingSettings } from "#wire/routing";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { useRefreshGroups, useRoutingSettings } from "./use-groups.ts";

interface Values {
  readonly bundleAbove: number | string;
  readonly bundleSeconds: number | string;
}

/** From how many messages on they are summed up. */
export function FloodSection() {
  const m = useMessages(messages);
  const { data } = useRoutingSettings();
  return (
    <PageSection title={m.flood} hint={m.floodHint}>
      {data && <FloodForm key={`${data.bundleAbove} ${data.bundleSeconds}`} settings={data} />}
    </PageSection>
  );
}

function FloodForm({ settings }: { readonly settings: RoutingSettings }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshGroups();
  const org = useOrganisation().name;
  const mayChange = useMay("channel.change");
  const bodyOf = (values: Values): RoutingSettings => ({
    bundleAbove: Number(values.bundleAbove),
    bundleSeconds: Number(values.bundleSeconds),
  });
  const form = useDialogForm<Values>({
    schema: RoutingSettings,
    bodyOf,
    initial: { ...settings },
    submit: async (values) => {
      await call(changeRoutingSettings, { params: { org }, body: bodyOf(values) });
      toasts.show({ text: m.saved });
      await refresh();
    },
  });
  const number = (name: keyof Values, label: string, min: number, max: number) => {
    const { value, error, onBlur, onChange } = form.field(name);
    return (
      <NumberInput
        name={name}
        label={label}
        value={value}
        error={error}
        onBlur={onBlur}
        onChange={onChange}
        min={min}
        max={max}
        allowDecimal={false}
        disabled={!mayChange}
        w="8rem"
      />
    );
  };
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Group align="flex-end" gap="sm">
        {number("bundleAbove", m.bundleAbove, 1, 1000)}
        <Text size="sm" pb={8} maw="22rem">
          {m.bundleAboveUnit}
        </Text>
        {number("bundleSeconds", m.bundleSeconds, 5, 600)}
        {mayChange && (
          <Button type="submit" variant="default" loading={form.isBusy}>
            {kit.save}
          </Button>
        )}
      </Group>
      <FormProblem problem={form.problem} />
    </form>
  );
}
