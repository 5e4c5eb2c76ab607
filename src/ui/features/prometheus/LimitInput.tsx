import { NumberInput } from "@mantine/core";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";

interface LimitInputProps {
  readonly form: Pick<DialogForm<{ readonly seriesPerHost: number }>, "values" | "field" | "set">;
  readonly isDisabled: boolean;
}

/** How many series a host may have. */
export function LimitInput({ form, isDisabled }: LimitInputProps) {
  const m = useMessages(messages);
  const { value, error, onBlur } = form.field("seriesPerHost");
  return (
    <NumberInput
      name="seriesPerHost"
      label={m.seriesPerHost}
      description={m.seriesPerHostHint}
      value={value}
      error={error}
      onBlur={onBlur}
      min={0}
      max={20_000}
      allowDecimal={false}
      disabled={isDisabled}
      maw="20rem"
      onChange={(typed) => form.set("seriesPerHost", Number(typed))}
    />
  );
}
