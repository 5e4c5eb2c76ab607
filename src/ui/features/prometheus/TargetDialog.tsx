import { Alert, Button, Group, NumberInput, PasswordInput, Radio, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  changeTarget,
  createTarget,
  tryTarget,
  TargetInput,
  type MappedSeries,
  type ScrapeTarget,
  type TargetAuth,
} from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { SeriesTable } from "./SeriesTable.tsx";
import { linesOf, pairsOf } from "./texts.ts";

interface Values {
  readonly url: string;
  readonly isEnabled: boolean;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly hostName: string;
  readonly auth: TargetAuth;
  readonly userName: string;
  readonly secret: string;
  readonly verifiesTls: boolean;
  /** `name=value`, one a line. */
  readonly labels: string;
}

const empty: Values = {
  url: "",
  isEnabled: true,
  intervalSeconds: 60,
  timeoutSeconds: 10,
  hostName: "",
  auth: "none",
  userName: "",
  secret: "",
  verifiesTls: true,
  labels: "",
};

const valuesOf = (target: ScrapeTarget | undefined): Values =>
  target
    ? {
        ...empty,
        url: target.url,
        isEnabled: target.isEnabled,
        intervalSeconds: target.intervalSeconds,
        timeoutSeconds: target.timeoutSeconds,
        hostName: target.hostName,
        auth: target.auth,
        userName: target.userName,
        verifiesTls: target.verifiesTls,
        labels: linesOf(target.labels),
      }
    : empty;

/** An empty secret means: the one that is kept. */
const bodyOf = ({ secret, labels, ...values }: Values): TargetInput => ({
  ...values,
  url: values.url.trim(),
  hostName: values.hostName.trim(),
  labels: pairsOf(labels) ?? [],
  ...(secret === "" ? {} : { secret }),
});

/** Adds or changes a scrape target; it can be tried before it is kept. */
export function TargetDialog({ target, onClose }: { readonly target: ScrapeTarget | undefined; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    schema: TargetInput,
    bodyOf,
    initial: valuesOf(target),
    hints: { url: m.urlWrong },
    rules: (values) => ({
      ...(pairsOf(values.labels) ? {} : { labels: m.labelsWrong }),
      ...(values.timeoutSeconds >= values.intervalSeconds ? { timeoutSeconds: m.timeoutWrong } : {}),
      ...(values.auth !== "none" && values.secret === "" && target?.hasSecret !== true ? { secret: m.secretNeeded } : {}),
    }),
    refusals: { secret: m.secretAgain, url: m.urlWrong },
    submit: async (values) => {
      const body = bodyOf(values);
      const saved = target
        ? await call(changeTarget, { params: { org, id: target.id }, body })
        : await call(createTarget, { params: { org }, body });
      toasts.show({ text: target ? m.saved : m.added({ name: saved.url }) });
      await client.invalidateQueries({ queryKey: [org, "prometheus", "targets"] });
    },
    onDone: onClose,
  });
  return (
    <FormDialog
      title={target ? m.editTarget : m.addTarget}
      form={form}
      action={target ? kit.save : m.addTarget}
      onClose={onClose}
      size="lg"
    >
      <TargetFields form={form} hasSecret={target?.hasSecret === true} />
      <Trial body={bodyOf(form.values)} id={target?.id} />
    </FormDialog>
  );
}

function TargetFields({ form, hasSecret }: { readonly form: DialogForm<Values>; readonly hasSecret: boolean }) {
  const m = useMessages(messages);
  const { values } = form;
  const plain = { autoComplete: "off", spellCheck: false } as const;
  const number = (name: "intervalSeconds" | "timeoutSeconds", label: string, min: number, max: number) => {
    const { value, error, onBlur } = form.field(name);
    return (
      <NumberInput
        name={name}
        label={label}
        value={value}
        error={error}
        onBlur={onBlur}
        min={min}
        max={max}
        allowDecimal={false}
        clampBehavior="none"
        flex={1}
        onChange={(typed) => form.set(name, Number(typed))}
      />
    );
  };
  return (
    <>
      <TextInput {...form.text("url")} {...plain} label={m.url} description={m.urlHint} data-autofocus />
      <TextInput {...form.text("hostName")} {...plain} label={m.hostName} description={m.hostNameHint} />
      <Group align="flex-start">
        {number("intervalSeconds", m.interval, 15, 3600)}
        {number("timeoutSeconds", m.timeout, 1, 60)}
      </Group>
      <Radio.Group
        name="auth"
        label={m.auth}
        value={values.auth}
        onChange={(text) => form.set("auth", text === "basic" || text === "bearer" ? text : "none")}
      >
        <Group mt={6}>
          {(["none", "basic", "bearer"] as const).map((auth) => (
            <Radio key={auth} value={auth} label={m[`auth-${auth}`]} />
          ))}
        </Group>
      </Radio.Group>
      {values.auth === "basic" && <TextInput {...form.text("userName")} {...plain} label={m.userName} />}
      {values.auth !== "none" && (
        <PasswordInput
          {...form.text("secret")}
          label={values.auth === "basic" ? m.password : m.token}
          autoComplete="new-password"
          {...(hasSecret ? { description: m.secretKept } : {})}
        />
      )}
      <Textarea {...form.text("labels")} label={m.labels} description={m.labelsHint} autosize minRows={2} spellCheck={false} />
      <Switch
        label={m.verifiesTls}
        checked={values.verifiesTls}
        onChange={(event) => form.set("verifiesTls", event.currentTarget.checked)}
      />
      <Switch label={m.isEnabled} checked={values.isEnabled} onChange={(event) => form.set("isEnabled", event.currentTarget.checked)} />
    </>
  );
}

interface Tried {
  readonly isGood: boolean;
  readonly text: string;
  readonly series: readonly MappedSeries[];
}

/** Scrapes once with what is typed, and shows what would become of it. */
function Trial({ body, id }: { readonly body: TargetInput; readonly id: string | undefined }) {
  const m = useMessages(messages);
  const call = useCall();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [tried, setTried] = useState<Tried>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await call(tryTarget, { params: { org }, body: id === undefined ? body : { ...body, id } });
      const count = { samples: format.count(answer.samples), millis: format.count(answer.millis) };
      setTried({
        isGood: answer.ok,
        text: answer.ok ? m.tried(count) : m.triedFailed({ error: answer.error ?? "" }),
        series: answer.series,
      });
    } catch (error) {
      setTried({ isGood: false, text: problemText(error), series: [] });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={isBusy} onClick={() => void run()}>
        {m.tryTarget}
      </Button>
      <div role="status" style={{ width: "100%" }}>
        {tried && (
          <Alert variant="outline" color={tried.isGood ? "green" : "red"}>
            {tried.text}
          </Alert>
        )}
      </div>
      {tried && tried.series.length > 0 && <SeriesTable series={tried.series} />}
    </Stack>
  );
}
