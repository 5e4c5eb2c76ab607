import { Button, Group, Notification } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import type { Timer } from "#base/clock";
import { seconds } from "#base/duration";
import { useClock } from "#kit/clock";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { ToastContext, type Toast } from "#kit/toasts";
import classes from "./ToastProvider.module.css";

/** How long a toast stands; one with an undo stands longer, because somebody has to read and decide. */
const standFor = seconds(6);
const standForUndo = seconds(12);
const mostAtOnce = 4;

interface Standing extends Toast {
  readonly id: number;
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const m = useMessages(kitMessages);
  const clock = useClock();
  const problemText = useProblemText();
  const [standing, setStanding] = useState<readonly Standing[]>([]);
  const lastId = useRef(0);
  const timers = useRef(new Map<number, Timer>());
  const remove = useCallback((id: number) => {
    timers.current.get(id)?.cancel();
    timers.current.delete(id);
    setStanding((all) => all.filter((toast) => toast.id !== id));
  }, []);
  const startTimer = useCallback(
    (toast: Standing) => {
      timers.current.get(toast.id)?.cancel();
      const timer = clock.after("ui.toast", toast.undo ? standForUndo : standFor, () => remove(toast.id));
      timers.current.set(toast.id, timer);
    },
    [clock, remove],
  );
  const show = useCallback(
    (toast: Toast) => {
      lastId.current += 1;
      const made = { ...toast, id: lastId.current };
      setStanding((all) => [...all.slice(1 - mostAtOnce), made]);
      startTimer(made);
    },
    [startTimer],
  );
  // Nobody loses a toast that they are just reading or about to press.
  const hold = (): void => {
    for (const timer of timers.current.values()) timer.cancel();
  };
  const letGo = (): void => {
    for (const toast of standing) startTimer(toast);
  };
  const undo = async (toast: Standing): Promise<void> => {
    remove(toast.id);
    try {
      await toast.undo?.();
    } catch (error) {
      show({ kind: "problem", text: problemText(error) });
    }
  };
  const value = useMemo(() => ({ show }), [show]);
  return (
    <ToastContext value={value}>
      {children}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only waits while somebody reads */}
      <section
        className={classes.region}
        aria-label={m.notifications}
        aria-live="polite"
        onMouseEnter={hold}
        onMouseLeave={letGo}
        onFocus={hold}
        onBlur={letGo}
      >
        {standing.map((toast) => (
          <Notification
            key={toast.id}
            withBorder
            color={toast.kind === "problem" ? "red" : "green"}
            icon={toast.kind === "problem" ? <IconAlertTriangle aria-hidden size={18} /> : <IconCheck aria-hidden size={18} />}
            onClose={() => remove(toast.id)}
            closeButtonProps={{ "aria-label": m.dismiss }}
          >
            <Group gap="sm" justify="space-between" c="var(--mantine-color-text)">
              {toast.text}
              {toast.undo && (
                <Button size="compact-sm" variant="default" onClick={() => void undo(toast)}>
                  {m.undo}
                </Button>
              )}
            </Group>
          </Notification>
        ))}
      </section>
    </ToastContext>
  );
}
