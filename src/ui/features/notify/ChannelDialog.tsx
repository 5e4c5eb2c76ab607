import { Button, NativeSelect, Switch, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeChannel, channelFields, channelTypes, ChannelInput, createChannel, type Channel } from "#wire/notify";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { languageNames, languages, useLanguage, useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { addressesOf, bodyOf, missingSecrets, newChannel, valuesOf, type ChannelValues } from "./channel-form.ts";
import { ChannelFields } from "./ChannelFields.tsx";
import { ChannelPreviewPane } from "./ChannelPreviewPane.tsx";
import { messages } from "./messages.ts";

export interface ChannelDialogProps {
  readonly channel: Channel | undefined;
  readonly onClose: () => void;
}

/** Adds or changes a channel; what it would show can be seen before it is kept. */
export function ChannelDialog({ channel, onClose }: ChannelDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const form = useChannelForm(channel, onClose);
  const [isPreview, setPreview] = useState(false);
  return (
    <FormDialog
      title={channel ? m.editTitle({ name: channel.name }) : m.addTitle}
      form={form}
      action={channel ? kit.save : m.add}
      onClose={onClose}
      size="lg"
    >
      {!channel && (
        <NativeSelect
          name="type"
          label={m.kind}
          value={form.values.type}
          data={channelTypes.map((type) => ({ value: type, label: m[`type-${type}`] }))}
          onChange={(event) => form.set("type", channelTypes.find((type) => type === event.currentTarget.value) ?? "email")}
          data-autofocus
        />
      )}
      <Text size="sm" c="dimmed">
        {m[`help-${form.values.type}`]}
      </Text>
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" />
      <ChannelFields form={form} channel={channel} />
      <LanguageChoice form={form} />
      {!channel && (
        <Switch label={m.joins} checked={form.values.joins} onChange={(event) => form.set("joins", event.currentTarget.checked)} />
      )}
      <Button variant="default" style={{ alignSelf: "flex-start" }} aria-expanded={isPreview} onClick={() => setPreview(!isPreview)}>
        {m.preview}
      </Button>
      {isPreview && <ChannelPreviewPane values={form.values} />}
    </FormDialog>
  );
}

function useChannelForm(channel: Channel | undefined, onDone: () => void): DialogForm<ChannelValues> {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const { language } = useLanguage();
  return useDialogForm<ChannelValues>({
    schema: ChannelInput,
    bodyOf,
    initial: channel ? valuesOf(channel) : newChannel(language),
    rules: (values) => ({
      ...Object.fromEntries(missingSecrets(values, channel?.secrets ?? []).map((field) => [field, kit.required])),
      ...roomRule(values, kit.required),
      ...(values.type === "email" && addressesOf(values.emails).length + values.personIds.length === 0 ? { emails: m.emailsNeeded } : {}),
    }),
    refusals: { token: m.secretAgain, url: m.urlWrong, serverUrl: m.urlWrong },
    submit: async (values) => {
      const body = bodyOf(values);
      if (channel) await call(changeChannel, { params: { org, id: channel.id }, body });
      else await call(createChannel, { params: { org }, body: { ...body, joinsDefaultGroup: values.joins } });
      toasts.show({ text: channel ? m.saved : m.created({ name: body.name }) });
      await client.invalidateQueries({ queryKey: [org, "channels"] });
    },
    onDone,
  });
}

function roomRule({ type, room, serverUrl }: ChannelValues, required: string): Partial<Record<"room" | "serverUrl", string>> {
  const { needs } = channelFields[type];
  return {
    ...(needs.includes("room") && room.trim() === "" ? { room: required } : {}),
    ...(needs.includes("serverUrl") && serverUrl.trim() === "" ? { serverUrl: required } : {}),
  };
}

function LanguageChoice({ form }: { readonly form: DialogForm<ChannelValues> }) {
  const m = useMessages(messages);
  return (
    <NativeSelect
      name="language"
      label={m.language}
      value={form.values.language}
      data={languages.map((language) => ({ value: language, label: languageNames[language] }))}
      onChange={(event) => form.set("language", languages.find((language) => language === event.currentTarget.value) ?? "en")}
    />
  );
}
