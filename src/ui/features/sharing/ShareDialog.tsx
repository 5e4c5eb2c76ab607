import { Alert, Button, Group, Modal, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addTime, days } from "#base/duration";
import { createShareLink, NewShareLink, usualSize, type GraphTarget, type PictureScheme } from "#wire/sharing";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import { presets, presetText } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import classes from "./ShareDialog.module.css";
import { snippetsOf } from "./snippets.ts";

const lives = ["day", "month", "year", "never"] as const;
type Life = (typeof lives)[number];
const lifeDays: Readonly<Record<Life, number | undefined>> = { day: 1, month: 30, year: 365, never: undefined };

interface ShareForm {
  readonly label: string;
  readonly period: string;
  readonly life: Life;
  readonly width: number;
  readonly height: number;
  readonly theme: PictureScheme;
}

export interface ShareDialogProps {
  readonly target: GraphTarget;
  /** The graph's title, for people. */
  readonly title: string;
  readonly onClose: () => void;
}

interface Made {
  readonly path: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

/** What the graph belongs to, as far as its address tells. */
const labelOf = (target: GraphTarget, title: string): string =>
  target.kind === "host" ? title : `${target.service}${target.kind === "role" ? `: ${target.role}` : ""} - ${title}`;

/** Makes a share link of a graph, then shows it: this once, and nowhere else. */
export function ShareDialog({ target, title, onClose }: ShareDialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const clock = useClock();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const { language } = useLanguage();
  const [made, setMade] = useState<Made>();
  const form = useDialogForm<ShareForm>({
    schema: NewShareLink,
    initial: { label: labelOf(target, title).slice(0, 100), period: "1d", life: "month", ...usualSize, theme: "light" },
    bodyOf: ({ label, period, width, height, theme }) => ({ target, language, label, period, width, height, theme }),
    submit: async ({ life, label, ...rest }) => {
      const lasts = lifeDays[life];
      const expiresAt = lasts === undefined ? {} : { expiresAt: addTime(clock.now(), days(lasts)) };
      const body = { target, language, label: label.trim(), ...rest, ...expiresAt };
      const { path, link } = await call(createShareLink, { params: { org }, body });
      setMade({ path, label: link.label, width: rest.width, height: rest.height });
      await client.invalidateQueries({ queryKey: [org, "shares"] });
    },
  });
  if (made) return <ShareReady made={made} onClose={onClose} />;
  return (
    <FormDialog title={m.shareTitle({ title })} form={form} action={m.create} onClose={onClose}>
      <Text size="sm">{m.shareIntro}</Text>
      <ShareFields form={form} />
    </FormDialog>
  );
}

function ShareFields({ form }: { readonly form: DialogForm<ShareForm> }) {
  const m = useMessages(messages);
  const format = useFormat();
  const { life, theme, period } = form.values;
  const number = (name: "width" | "height") => {
    const { onChange, ...field } = form.field(name);
    return { ...field, onChange: (value: string | number) => onChange(Number(value)), allowDecimal: false, allowNegative: false, step: 50 };
  };
  return (
    <>
      <TextInput {...form.text("label")} label={m.label} description={m.labelHint} autoComplete="off" data-autofocus />
      <NativeSelect
        name="period"
        label={m.period}
        description={m.periodHint}
        value={period}
        onChange={(event) => form.set("period", event.currentTarget.value)}
        data={presets.map((preset) => ({ value: preset, label: m.last({ length: presetText(preset, format.language) }) }))}
      />
      <NativeSelect
        name="life"
        label={m.expiry}
        value={life}
        onChange={(event) => form.set("life", lives.find((one) => one === event.currentTarget.value) ?? "month")}
        data={lives.map((one) => ({ value: one, label: m[`expiry-${one}`] }))}
      />
      <Group grow align="flex-start">
        <NumberInput {...number("width")} label={m.width} />
        <NumberInput {...number("height")} label={m.height} />
        <NativeSelect
          name="theme"
          label={m.theme}
          value={theme}
          onChange={(event) => form.set("theme", event.currentTarget.value === "dark" ? "dark" : "light")}
          data={[
            { value: "light", label: m["theme-light"] },
            { value: "dark", label: m["theme-dark"] },
          ]}
        />
      </Group>
    </>
  );
}

function ShareReady({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const { address, picture, html, markdown } = snippetsOf(`${window.location.origin}${made.path}`, made, made.label);
  return (
    <Modal
      opened
      onClose={onClose}
      title={m.ready}
      size="lg"
      closeButtonProps={{ "aria-label": kit.close }}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <img src={`${made.path}.svg`} alt={m.preview({ label: made.label })} className={classes.preview} />
        <CopyField label={m.address} value={address} />
        <CopyField label={m.picture} value={picture} />
        <CopyField label={m.html} value={html} />
        <CopyField label={m.markdown} value={markdown} />
        <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {m.once}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{kit.close}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
