import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { millis } from "#base/duration";
import { useClock } from "#kit/clock";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { searchFieldProps } from "#kit/shortcuts";

/** Long enough that a word is asked for once, short enough to feel immediate. */
const settleFor = millis(250);

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  /** Told when typing pauses. */
  readonly onChange: (text: string) => void;
  readonly mb?: string;
}

/** The search of a page: "/" jumps to it, it asks when typing pauses, Escape empties it. */
export function SearchField({ label, value, onChange, mb = "sm" }: SearchFieldProps) {
  const m = useMessages(kitMessages);
  const clock = useClock();
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const onChangeNow = useRef(onChange);
  useEffect(() => {
    onChangeNow.current = onChange;
  });
  // The address changed from elsewhere (back, a link): follow it.
  if (value !== told) {
    setTold(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === told) return undefined;
    const timer = clock.after("ui.search", settleFor, () => {
      setTold(typed.trim());
      onChangeNow.current(typed.trim());
    });
    return () => timer.cancel();
  }, [typed, told, clock]);
  return (
    <TextInput
      {...searchFieldProps}
      type="search"
      mb={mb}
      maw="26rem"
      flex={1}
      miw="12rem"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setTyped("");
      }}
      leftSection={<IconSearch aria-hidden size={16} />}
      rightSection={typed === "" ? undefined : <CloseButton size="sm" aria-label={m.clear} onClick={() => setTyped("")} />}
    />
  );
}
