import { useCallback, useRef, useState, type SyntheticEvent } from "react";
import type { TObject } from "typebox";
import { Value } from "typebox/value";
import { CallError } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages, type Messages } from "#kit/messages";
import { problemText } from "#kit/problems";

type KitTexts = typeof kitMessages extends Messages<infer T> ? Messages<T>["en"] : never;

/** What an input needs; spread it onto a Mantine input. */
export interface FieldProps<V> {
  readonly name: string;
  readonly value: V;
  readonly error: string | undefined;
  readonly onBlur: () => void;
}

export interface DialogForm<V> {
  readonly values: V;
  /** Sets one field. */
  readonly set: <K extends keyof V & string>(name: K, value: V[K]) => void;
  /** For inputs that report a plain value (select, number). */
  readonly field: <K extends keyof V & string>(name: K) => FieldProps<V[K]> & { readonly onChange: (value: V[K]) => void };
  /** For inputs that report an event with a text (text, password, textarea). */
  readonly text: <K extends TextKeys<V>>(
    name: K,
  ) => FieldProps<string> & {
    readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  };
  readonly isBusy: boolean;
  /** Why the server refused the whole. */
  readonly problem: string | undefined;
  readonly onSubmit: (event: SyntheticEvent) => void;
  /** Back to the first values, as if nothing had been typed. */
  readonly reset: () => void;
}

type TextKeys<V> = { [K in keyof V]: V[K] extends string ? K : never }[keyof V] & string;

export interface DialogFormOptions<V extends object> {
  /** The body's schema of the contract; fields that it does not know are not checked. */
  readonly schema?: TObject | undefined;
  readonly initial: V;
  /** Rules beyond the schema: name of a field → sentence. */
  /** Sentences for fields whose text has not the form that the schema asks for. */
  readonly hints?: Partial<Record<keyof V & string, string>>;
  readonly rules?: (values: V) => Partial<Record<keyof V & string, string>>;
  /** Sentences for fields that the server refuses after they passed here; without one the server's own words stand. */
  readonly refusals?: Partial<Record<keyof V & string, string>>;
  /** What is sent for the values, when the schema's fields are not the form's; checked against the schema. */
  readonly bodyOf?: (values: V) => unknown;
  readonly submit: (values: V) => Promise<unknown>;
  readonly onDone?: () => void;
  /** The sentence for a refusal that this form understands better than the kit does. */
  readonly explain?: (error: CallError) => string | undefined;
}

/** What became of what was sent: runs once at a time. */
function useSubmission<V extends object>(options: DialogFormOptions<V>, values: V) {
  const m = useMessages(kitMessages);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  // State arrives a render late: two clicks in one frame would both see "not busy".
  const isSending = useRef(false);

  const fail = (error: unknown): void => {
    const known = error instanceof CallError ? namedFields(error, values, options.refusals ?? {}) : new Map<string, string>();
    setRefused(known);
    if (known.size === 0) setProblem((error instanceof CallError ? options.explain?.(error) : undefined) ?? problemText(error, m));
  };
  const send = async (): Promise<void> => {
    if (isSending.current) return;
    isSending.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      await options.submit(values);
      options.onDone?.();
    } catch (error) {
      fail(error);
    } finally {
      isSending.current = false;
      setBusy(false);
    }
  };
  return { refused, setRefused, problem, setProblem, isBusy, send };
}

/**
 * State of a form: a field is checked when it is left and then at every change; everything is checked on submit, which runs once
 * at a time. Refusals of the server land on their fields, or above the buttons when they name none.
 */
export function useDialogForm<V extends object>(options: DialogFormOptions<V>): DialogForm<V> {
  const m = useMessages(kitMessages);
  const [values, setValues] = useState(options.initial);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const { refused, setRefused, problem, setProblem, isBusy, send } = useSubmission(options, values);
  const found = check(options, values, m);

  const set = useCallback(
    <K extends keyof V & string>(name: K, value: V[K]) => {
      setValues((all) => ({ ...all, [name]: value }));
      setRefused((all) => new Map([...all].filter(([field]) => field !== name)));
    },
    [setRefused],
  );
  const blur = (name: string): void => setTouched((all) => new Set([...all, name]));
  const errorOf = (name: string): string | undefined => refused.get(name) ?? (touched.has(name) ? found.get(name) : undefined);

  const onSubmit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTouched(new Set([...Object.keys(values), ...found.keys()]));
    if (found.size > 0) focusFirst(event.currentTarget, [...found.keys()]);
    else void send();
  };
  return {
    values,
    set,
    field: (name) => ({ name, value: values[name], error: errorOf(name), onBlur: () => blur(name), onChange: (value) => set(name, value) }),
    text: (name) => ({
      name,
      value: String(values[name]),
      error: errorOf(name),
      onBlur: () => blur(name),
      // `as`: TextKeys names only fields that hold texts.
      onChange: (event) => set(name, event.currentTarget.value as V[typeof name]),
    }),
    isBusy,
    problem,
    onSubmit,
    reset: () => {
      setValues(options.initial);
      setTouched(new Set());
      setRefused(new Map());
      setProblem(undefined);
    },
  };
}

/** The server's field problems by this form's fields: "person.email" is the field "email" when there is no other of that name. */
function namedFields(error: CallError, values: object, refusals: object): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, problem] of error.fields) {
    const name = [path, path.split(".").at(-1) ?? "", path.split(".")[0] ?? ""].find((part) => Object.hasOwn(values, part));
    const known: unknown = name === undefined ? undefined : Reflect.get(refusals, name);
    if (name !== undefined) found.set(name, typeof known === "string" ? known : problem);
  }
  return found;
}

function focusFirst(form: EventTarget, names: readonly string[]): void {
  if (!(form instanceof HTMLElement)) return;
  for (const input of form.querySelectorAll("[name]")) {
    if (input instanceof HTMLElement && names.includes(input.getAttribute("name") ?? "")) {
      input.focus();
      return;
    }
  }
}

function check<V extends object>(options: DialogFormOptions<V>, values: V, m: KitTexts): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (options.schema) {
    const body: unknown = options.bodyOf ? options.bodyOf(values) : values;
    for (const error of Value.Errors(options.schema, body)) {
      const [name, text] = sentence(error, body, new Map(Object.entries(options.hints ?? {})), m);
      if (name !== "" && !found.has(name)) found.set(name, text);
    }
  }
  for (const [name, text] of Object.entries(options.rules?.(values) ?? {})) {
    if (typeof text === "string") found.set(name, text);
  }
  return found;
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
}

/** The field (the first step of the path) and the sentence for one failed keyword of JSON Schema. */
function sentence(error: SchemaError, body: unknown, hints: ReadonlyMap<string, unknown>, m: KitTexts): [string, string] {
  const params = new Map<string, unknown>(Object.entries(error.params));
  if (error.keyword === "required") {
    const missing = params.get("requiredProperties");
    return [Array.isArray(missing) ? String(missing[0]) : "", m.required];
  }
  const name = error.instancePath.split("/")[1] ?? "";
  if (isEmptyText(body, name)) return [name, m.required];
  const limit = Number(params.get("limit"));
  switch (error.keyword) {
    case "minLength":
      return [name, m.tooShort({ least: limit })];
    case "maxLength":
      return [name, m.tooLong({ most: limit })];
    case "minimum":
      return [name, m.tooSmall({ least: limit })];
    case "maximum":
      return [name, m.tooBig({ most: limit })];
    case "format":
      return [name, params.get("format") === "email" ? m.wrongEmail : m.wrongFormat];
    default: {
      const hint = hints.get(name);
      return [name, typeof hint === "string" ? hint : m.wrongFormat];
    }
  }
}

const isEmptyText = (body: unknown, name: string): boolean => {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  return value === "" || value === undefined || value === null;
};
