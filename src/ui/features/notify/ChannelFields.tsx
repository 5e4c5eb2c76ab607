import { Button, Checkbox, Group, MultiSelect, NativeSelect, PasswordInput, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import {
  chatCommandsPath,
  channelEvents,
  mattermostActionsPath,
  slackActionsPath,
  type Channel,
  type ChannelType,
  type SecretField,
} from "#wire/notify";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { CopyField } from "../../kit/CopyField.tsx";
import { hasField, newSigningKey, type ChannelValues } from "./channel-form.ts";
import { messages } from "./messages.ts";
import { useMemberNames } from "./use-channels.ts";

interface FieldsProps {
  readonly form: DialogForm<ChannelValues>;
  readonly channel: Channel | undefined;
}

/** The fields that the chosen type of channel has. */
export function ChannelFields({ form, channel }: FieldsProps) {
  const m = useMessages(messages);
  const { type } = form.values;
  return (
    <>
      {type === "email" && <MailFields form={form} />}
      <AddressFields form={form} channel={channel} />
      <SecretFields form={form} channel={channel} />
      {channel && <Callbacks channel={channel} />}
      {hasField(type, "mentions") && <MentionFields form={form} />}
      {hasField(type, "enabledGraphImage") && (
        <Switch
          label={m.images}
          checked={form.values.enabledGraphImage}
          onChange={(event) => form.set("enabledGraphImage", event.currentTarget.checked)}
        />
      )}
      <Checkbox.Group
        label={m.events}
        value={[...form.values.events]}
        onChange={(chosen) =>
          form.set(
            "events",
            channelEvents.filter((event) => chosen.includes(event)),
          )
        }
      >
        <Group gap="md" mt={6}>
          {channelEvents.map((event) => (
            <Checkbox key={event} value={event} label={m[`event-${event}`]} />
          ))}
        </Group>
      </Checkbox.Group>
    </>
  );
}

function MailFields({ form }: { readonly form: DialogForm<ChannelValues> }) {
  const m = useMessages(messages);
  const members = useMemberNames();
  const { personIds } = form.values;
  const known = new Map([...personIds.map((id) => [id, id] as const), ...members]);
  return (
    <>
      <Textarea {...form.text("emails")} label={m.emails} description={m.emailsHint} autosize minRows={2} maxRows={8} spellCheck={false} />
      <MultiSelect
        name="personIds"
        label={m.members}
        description={m.membersHint}
        data={[...known].map(([value, label]) => ({ value, label }))}
        value={[...personIds]}
        onChange={(chosen) => form.set("personIds", chosen)}
        searchable
        hidePickedOptions
      />
      <NativeSelect
        name="encoding"
        label={m.encoding}
        value={form.values.encoding}
        data={(["utf-8", "iso-2022-jp"] as const).map((value) => ({ value, label: m[`encoding-${value}`] }))}
        onChange={(event) => form.set("encoding", event.currentTarget.value === "iso-2022-jp" ? "iso-2022-jp" : "utf-8")}
      />
    </>
  );
}

const plain = { autoComplete: "off", spellCheck: false } as const;

/** Types whose fields have names of their own. */
const ownApis = ["slack-bot", "chatwork", "line", "pagerduty", "opsgenie"] as const;
const rooms = ["slack-bot", "mattermost", "mattermost-bot", "chatwork", "hipchat", "line"] as const;
const tokens = ["slack-bot", "line", "pagerduty", "opsgenie"] as const;
const isOneOf = <T extends ChannelType>(types: readonly T[], type: ChannelType): type is T => types.some((one) => one === type);

function AddressFields({ form }: FieldsProps) {
  const m = useMessages(messages);
  const { type } = form.values;
  const serverLabel = isOneOf(ownApis, type) ? m[`serverUrl-${type}`] : m.serverUrl;
  return (
    <>
      {hasField(type, "serverUrl") && <TextInput {...form.text("serverUrl")} {...plain} label={serverLabel} inputMode="url" />}
      {hasField(type, "room") && <TextInput {...form.text("room")} {...plain} label={isOneOf(rooms, type) ? m[`room-${type}`] : m.room} />}
      {hasField(type, "verifiesTls") && (
        <Switch
          label={m.verifiesTls}
          checked={form.values.verifiesTls}
          onChange={(event) => form.set("verifiesTls", event.currentTarget.checked)}
        />
      )}
    </>
  );
}

/** Typed once, shown never again: an empty field keeps what is there. */
function SecretFields({ form, channel }: FieldsProps) {
  const m = useMessages(messages);
  const { type } = form.values;
  const kept = channel?.secrets ?? [];
  const secret = (name: SecretField, label: string, hint?: string) =>
    hasField(type, name) && (
      <PasswordInput
        {...form.text(name)}
        label={label}
        autoComplete="new-password"
        description={[hint, kept.includes(name) ? m.secretKept : undefined].filter((text) => text !== undefined).join(" ")}
      />
    );
  return (
    <>
      {secret("url", m.url)}
      {secret("token", isOneOf(tokens, type) ? m[`token-${type}`] : m.token)}
      {secret("signingSecret", m.signingSecret, m.signingSecretHint)}
      {secret("commandToken", m.commandToken, m.commandTokenHint)}
      {hasField(type, "signingKey") && (
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <TextInput
            {...form.text("signingKey")}
            {...plain}
            flex={1}
            label={m.signingKey}
            description={kept.includes("signingKey") ? `${m.signingKeyHint} ${m.secretKept}` : m.signingKeyHint}
          />
          <Button variant="default" onClick={() => form.set("signingKey", newSigningKey())}>
            {m.generate}
          </Button>
        </Group>
      )}
    </>
  );
}

/** Where the chat finds us: known once the channel has its id. */
function Callbacks({ channel: { id, type } }: { readonly channel: Channel }) {
  const m = useMessages(messages);
  if (type !== "slack-bot" && type !== "mattermost-bot") return undefined;
  const origin = window.location.origin;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {m.callbacks}
      </Text>
      <CopyField label={m.callbackActions} value={origin + (type === "slack-bot" ? slackActionsPath(id) : mattermostActionsPath(id))} />
      <CopyField label={m.callbackCommands} value={origin + chatCommandsPath(id)} />
    </Stack>
  );
}

function MentionFields({ form }: { readonly form: DialogForm<ChannelValues> }) {
  const m = useMessages(messages);
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {m.mentions}
      </Text>
      <Text size="xs" c="dimmed">
        {m.mentionsHint}
      </Text>
      <Group grow align="flex-start" gap="sm">
        <TextInput {...form.text("mentionCritical")} {...plain} label={m["mention-critical"]} />
        <TextInput {...form.text("mentionWarning")} {...plain} label={m["mention-warning"]} />
        <TextInput {...form.text("mentionOk")} {...plain} label={m["mention-ok"]} />
      </Group>
    </Stack>
  );
}
