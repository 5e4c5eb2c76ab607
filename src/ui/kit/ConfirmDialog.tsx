import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { FormProblem } from "./FormProblem.tsx";

export interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly text: ReactNode;
  /** The verb on the button: "Retire 3 hosts", never "OK". */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** When given, this text must be typed before the button works. */
  readonly typed?: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before an act that is hard to undo. Mount it to open it. Stays open and tells why when the act fails. */
export function ConfirmDialog({ title, text, action, isDangerous = false, typed, onConfirm, onClose }: ConfirmDialogProps) {
  const m = useMessages(kitMessages);
  const problemText = useProblemText();
  const [entered, setEntered] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const isReady = typed === undefined || entered.trim() === typed;

  const confirm = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  };
  const onSubmit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isReady && !isBusy) void confirm();
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": m.close }} centered>
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <Text component="div" size="sm">
            {text}
          </Text>
          {typed !== undefined && (
            <TextInput
              label={m.typeToConfirm({ text: typed })}
              value={entered}
              onChange={(event) => setEntered(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          <FormProblem problem={problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.cancel}
            </Button>
            <Button type="submit" {...(isDangerous ? { color: "red" } : {})} loading={isBusy} disabled={!isReady}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
