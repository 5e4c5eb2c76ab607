import { MultiSelect, Textarea, TextInput } from "@mantine/core";
import { Type } from "typebox";
import { fromSeconds, toSeconds, unixMs, unixSeconds } from "#base/duration";
import { annotationLimits, changeAnnotation, createAnnotation, type Annotation } from "#wire/annotations";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat, type Format } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./annotation-messages.ts";

const fields = Type.Object({
  title: Type.String({ minLength: 1, maxLength: annotationLimits.title }),
  description: Type.String({ maxLength: annotationLimits.description }),
});

export interface AnnotationDialogProps {
  readonly service: string;
  /** Roles of the service, to choose from. */
  readonly roles: readonly string[];
  /** The one to edit; a new one is made when absent. */
  readonly annotation?: Annotation | undefined;
  /** Roles of a new one. */
  readonly startRoles?: readonly string[];
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Notes what happened, or corrects the note. */
export function AnnotationDialog({ service, roles, annotation, startRoles = [], onDone, onClose }: AnnotationDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const clock = useClock();
  const format = useFormat();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    schema: fields,
    initial: annotation ? valuesOf(annotation, format) : { ...empty, from: format.localInput(clock.now()), roles: [...startRoles] },
    rules: ({ from, to }) => {
      const [start, end] = [format.parseLocalInput(from), format.parseLocalInput(to)];
      if (start === undefined) return { from: m.needsTime };
      return end !== undefined && end < start ? { to: m.endsBefore } : {};
    },
    submit: async (values) => {
      const body = {
        title: values.title.trim(),
        ...(values.description === "" ? {} : { description: values.description }),
        ...times(values, format, annotation),
        ...(values.roles.length === 0 ? {} : { roles: values.roles }),
      };
      if (annotation) await call(changeAnnotation, { params: { org, id: annotation.id }, body: { ...body, service } });
      else await call(createAnnotation, { params: { org, service }, body });
      toasts.show({ text: m.saved });
      await onDone();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={annotation ? m.edit : m.add} form={form} action={annotation ? kit.save : m.add} onClose={onClose}>
      <TextInput {...form.text("title")} label={m.title} autoComplete="off" data-autofocus />
      <TextInput {...form.text("from")} type="datetime-local" label={m.from} description={kit.zoneHint({ zone: format.timeZone })} />
      <TextInput {...form.text("to")} type="datetime-local" label={m.to} description={m.toHint} />
      {roles.length > 0 && (
        <MultiSelect {...form.field("roles")} label={m.roles} description={m.rolesHint} data={[...roles]} searchable hidePickedOptions />
      )}
      <Textarea {...form.text("description")} label={m.description} autosize minRows={2} maxRows={10} />
    </FormDialog>
  );
}

interface Values {
  readonly title: string;
  readonly description: string;
  /** As datetime-local inputs write them; `to` is empty for a moment. */
  readonly from: string;
  readonly to: string;
  readonly roles: string[];
}

const empty: Values = { title: "", description: "", from: "", to: "", roles: [] };

function valuesOf({ title, description = "", from, to, roles = [] }: Annotation, format: Format): Values {
  const inputOf = (at: number): string => format.localInput(fromSeconds(unixSeconds(at)));
  return { title, description, from: inputOf(from), to: to === from ? "" : inputOf(to), roles: [...roles] };
}

/** The times typed, in seconds. What was not touched keeps its seconds, which an input of minutes does not show. */
function times(values: { readonly from: string; readonly to: string }, format: Format, before: Annotation | undefined) {
  const read = (text: string, old: number | undefined): number => {
    if (old !== undefined && format.localInput(fromSeconds(unixSeconds(old))) === text) return old;
    return toSeconds(format.parseLocalInput(text) ?? unixMs(0));
  };
  const from = read(values.from, before?.from);
  const to = values.to === "" ? from : Math.max(from, read(values.to, before?.to));
  return { from, to };
}
