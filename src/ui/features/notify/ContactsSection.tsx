import { ActionIcon, Button, Group, Menu, NativeSelect, Text, TextInput } from "@mantine/core";
import { IconArrowUp, IconBell, IconBellOff, IconCheck, IconDots, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addTime, hours, unixMs } from "#base/duration";
import { isMailAddress } from "#base/mail-address";
import { phoneNumber } from "#base/phone-number";
import { addContact, changeContact, removeContact, type Contact, type ContactChange, type MyNotifications } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./my-messages.ts";
import { VerifyDialog } from "./VerifyDialog.tsx";

type Open =
  | { readonly kind: "add"; readonly what: "mail" | "phone" }
  | { readonly kind: "verify"; readonly contact: Contact }
  | { readonly kind: "mute"; readonly contact: Contact }
  | { readonly kind: "remove"; readonly contact: Contact };

/** The ways to reach oneself. */
export function ContactsSection({ mine }: { readonly mine: MyNotifications }) {
  const m = useMessages(messages);
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const columns = useColumns(mine, setOpen);
  return (
    <PageSection
      title={m.contacts}
      hint={m.contactsHint}
      actions={
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconPlus aria-hidden size={18} />}
            onClick={() => setOpen({ kind: "add", what: "phone" })}
          >
            {m.addPhone}
          </Button>
          <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setOpen({ kind: "add", what: "mail" })}>
            {m.add}
          </Button>
        </Group>
      }
    >
      <DataTable caption={m.contacts} columns={columns} rows={mine.contacts} rowKey={({ id }) => id} empty={undefined} />
      {open?.kind === "add" && (
        <AddDialog what={open.what} onClose={close} onAdded={(contact) => setOpen(contact ? { kind: "verify", contact } : undefined)} />
      )}
      {open?.kind === "verify" && <VerifyDialog contact={open.contact} onClose={close} />}
      {open?.kind === "mute" && <MuteDialog contact={open.contact} onClose={close} />}
      {open?.kind === "remove" && <RemoveDialog contact={open.contact} onClose={close} />}
    </PageSection>
  );
}

function useColumns(mine: MyNotifications, onOpen: (open: Open) => void): readonly Column<Contact>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  return [
    {
      key: "address",
      header: m.address,
      isRowHeader: true,
      cell: ({ address, label, isLogin }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {address}
          {(isLogin || label !== "") && (
            <Text span size="xs" c="dimmed" ml={6}>
              {[isLogin ? m.login : "", label].filter((text) => text !== "").join(" · ")}
            </Text>
          )}
        </Text>
      ),
    },
    { key: "kind", header: m.kind, cell: ({ kind }) => m[`medium-${kind}`] },
    { key: "state", header: m.state, cell: (contact) => <ContactState contact={contact} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (contact) => <ContactActions contact={contact} mine={mine} onOpen={onOpen} />,
    },
  ];
}

function ContactState({ contact: { isVerified, mutedUntil, invalidSince } }: { readonly contact: Contact }) {
  const m = useMessages(messages);
  const format = useFormat();
  const clock = useClock();
  if (invalidSince !== undefined) return <StateCell tone="bad" label={m["state-invalid"]} />;
  if (!isVerified) return <StateCell tone="attention" label={m["state-unverified"]} />;
  const isMuted = mutedUntil !== undefined && mutedUntil > clock.now();
  if (isMuted) return <StateCell tone="off" label={m["state-muted"]({ until: format.dateTime(unixMs(mutedUntil)) })} />;
  return <StateCell tone="good" label={m["state-ok"]} />;
}

interface ActionsProps {
  readonly contact: Contact;
  readonly mine: MyNotifications;
  readonly onOpen: (open: Open) => void;
}

function ContactActions({ contact, mine, onOpen }: ActionsProps) {
  const m = useMessages(messages);
  const change = useChange();
  const { id, kind, address, isLogin, isVerified, mutedUntil, invalidSince } = contact;
  const position = mine.contacts.filter((one) => one.kind === kind).findIndex((one) => one.id === id);
  return (
    <Group gap="xs" justify="flex-end">
      {!isVerified && (kind === "mail" || kind === "phone") && (
        <Button size="compact-sm" variant="default" onClick={() => onOpen({ kind: "verify", contact })}>
          {kind === "phone" ? m.verifyNumber : m.verify}
        </Button>
      )}
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" c="var(--mantine-color-text)" aria-label={m.actionsOf({ address })}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {invalidSince !== undefined && (
            <Menu.Item leftSection={<IconCheck aria-hidden size={16} />} onClick={() => void change(id, { isValid: true })}>
              {m.works}
            </Menu.Item>
          )}
          {mutedUntil === undefined ? (
            <Menu.Item leftSection={<IconBellOff aria-hidden size={16} />} onClick={() => onOpen({ kind: "mute", contact })}>
              {m.mute}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconBell aria-hidden size={16} />} onClick={() => void change(id, { mutedUntil: null })}>
              {m.unmute}
            </Menu.Item>
          )}
          {position > 0 && (
            <Menu.Item leftSection={<IconArrowUp aria-hidden size={16} />} onClick={() => void change(id, { position: position - 1 })}>
              {m.up}
            </Menu.Item>
          )}
          {!isLogin && (
            <Menu.Item
              c="var(--mantine-color-error)"
              leftSection={<IconTrash aria-hidden size={16} />}
              onClick={() => onOpen({ kind: "remove", contact })}
            >
              {m.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function useChange(): (id: string, body: ContactChange) => Promise<void> {
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  return async (id, body) => {
    try {
      client.setQueryData([org, "my-notifications"], await call(changeContact, { params: { org, id }, body }));
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
}

interface AddProps {
  readonly what: "mail" | "phone";
  readonly onClose: () => void;
  readonly onAdded: (contact: Contact | undefined) => void;
}

function AddDialog({ what, onClose, onAdded }: AddProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const isMail = what === "mail";
  const form = useDialogForm({
    initial: { address: "", label: "", encoding: "utf-8" },
    rules: ({ address }) => addressRule(isMail, address, isMail ? m.addressWrong : m.numberWrong),
    submit: async ({ address, label, encoding }) => {
      const named = { kind: what, address: address.trim(), label };
      const body = isMail ? { ...named, encoding: encoding === "iso-2022-jp" ? ("iso-2022-jp" as const) : ("utf-8" as const) } : named;
      const before = new Set((client.getQueryData<MyNotifications>([org, "my-notifications"])?.contacts ?? []).map(({ id }) => id));
      const mine = await call(addContact, { params: { org }, body });
      client.setQueryData([org, "my-notifications"], mine);
      onAdded(mine.contacts.find(({ id, isVerified }) => !before.has(id) && !isVerified));
    },
  });
  return (
    <FormDialog title={isMail ? m.addTitle : m.addPhone} form={form} action={isMail ? m.add : m.addPhone} onClose={onClose}>
      {isMail ? (
        <TextInput {...form.text("address")} label={m.address} type="email" autoComplete="email" data-autofocus />
      ) : (
        <TextInput {...form.text("address")} label={m.number} description={m.numberHint} type="tel" autoComplete="tel" data-autofocus />
      )}
      <TextInput {...form.text("label")} label={m.label} description={m.labelHint} autoComplete="off" />
      {isMail && (
        <NativeSelect
          name="encoding"
          label={m.encoding}
          value={form.values.encoding}
          data={(["utf-8", "iso-2022-jp"] as const).map((one) => ({ value: one, label: m[`encoding-${one}`] }))}
          onChange={(event) => form.set("encoding", event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}

function addressRule(isMail: boolean, text: string, problem: string): { readonly address?: string } {
  const isRight = isMail ? isMailAddress(text.trim()) : phoneNumber(text).ok;
  return isRight ? {} : { address: problem };
}

interface DialogProps {
  readonly contact: Contact;
  readonly onClose: () => void;
}

const lengths = ["1", "8", "24", "168"] as const;

function MuteDialog({ contact: { id, address }, onClose }: DialogProps) {
  const m = useMessages(messages);
  const clock = useClock();
  const change = useChange();
  const form = useDialogForm<{ readonly length: (typeof lengths)[number] }>({
    initial: { length: "8" },
    submit: ({ length }) => change(id, { mutedUntil: addTime(clock.now(), hours(Number(length))) }),
    onDone: onClose,
  });
  return (
    <FormDialog title={m.muteTitle({ address })} form={form} action={m.mute} onClose={onClose}>
      <Text size="sm">{m.muteText}</Text>
      <NativeSelect
        name="length"
        label={m.muteFor}
        value={form.values.length}
        data={lengths.map((one) => ({ value: one, label: m[`mute-${one}`] }))}
        onChange={(event) => form.set("length", lengths.find((one) => one === event.currentTarget.value) ?? "8")}
        data-autofocus
      />
    </FormDialog>
  );
}

function RemoveDialog({ contact: { id, address }, onClose }: DialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    client.setQueryData([org, "my-notifications"], await call(removeContact, { params: { org, id } }));
  };
  return (
    <ConfirmDialog
      title={m.removeTitle({ address })}
      text={m.removeText}
      action={m.remove}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
