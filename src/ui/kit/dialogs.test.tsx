import { act, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { seconds } from "#base/duration";
import { CallError } from "#kit/call";
import { useToasts, type Toast } from "#kit/toasts";
import { renderUi } from "../testing/render.tsx";
import { stillClock } from "../testing/still-clock.ts";
import { ConfirmDialog } from "./ConfirmDialog.tsx";
import { CopyField } from "./CopyField.tsx";

describe("a confirmation", () => {
  const props = { title: "Retire web-1?", text: "For good.", action: "Retire host", isDangerous: true, onClose: () => undefined };

  test("waits for the name to be typed", async () => {
    const user = userEvent.setup();
    const onConfirm = vi.fn<() => Promise<void>>(() => Promise.resolve());
    renderUi(<ConfirmDialog {...props} typed="web-1" onConfirm={onConfirm} />);
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Retire host" });
    expect(button.disabled).toBe(true);
    await user.type(screen.getByLabelText("Type “web-1” to confirm"), "web-1{Enter}");
    await waitFor(() => expect(onConfirm).toHaveBeenCalledOnce());
  });
  test("stays open and tells why when the act fails", async () => {
    const onClose = vi.fn<() => void>();
    const refused = () => Promise.reject(new CallError({ status: 404, code: "not-found", detail: "x" }));
    renderUi(<ConfirmDialog {...props} onConfirm={refused} onClose={onClose} />);
    await userEvent.setup().click(screen.getByRole("button", { name: "Retire host" }));
    expect(await screen.findByText(/There is nothing here/u)).toBeTruthy();
    expect(onClose).not.toHaveBeenCalled();
  });
});

function Show({ toast }: { readonly toast: Toast }) {
  const toasts = useToasts();
  return <button onClick={() => toasts.show(toast)}>{"show"}</button>;
}

describe("a toast", () => {
  test("leaves by itself after a while", async () => {
    const clock = stillClock();
    renderUi(<Show toast={{ text: "Saved" }} />, { clock });
    await userEvent.setup().click(screen.getByText("show"));
    act(() => clock.advance(seconds(5)));
    expect(screen.getByText("Saved")).toBeTruthy();
    act(() => clock.advance(seconds(2)));
    expect(screen.queryByText("Saved")).toBeNull();
  });
  test("waits while the mouse rests on it", async () => {
    const clock = stillClock();
    const user = userEvent.setup();
    renderUi(<Show toast={{ text: "Saved" }} />, { clock });
    await user.click(screen.getByText("show"));
    await user.hover(screen.getByText("Saved"));
    act(() => clock.advance(seconds(60)));
    expect(screen.getByText("Saved")).toBeTruthy();
    await user.unhover(screen.getByText("Saved"));
    act(() => clock.advance(seconds(7)));
    expect(screen.queryByText("Saved")).toBeNull();
  });
  test("undoes once, and tells when that fails", async () => {
    const user = userEvent.setup();
    const undo = vi.fn<() => Promise<never>>(() =>
      Promise.reject(new CallError({ status: 409, code: "conflict", detail: "Somebody was faster." })),
    );
    renderUi(<Show toast={{ text: "Done", undo }} />, { clock: stillClock() });
    await user.click(screen.getByText("show"));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByText("Somebody was faster.")).toBeTruthy();
    expect(screen.queryByText("Done")).toBeNull();
    expect(undo).toHaveBeenCalledOnce();
  });
});

test("a text to copy is selected when it is focused, for browsers that let no script copy", async () => {
  renderUi(<CopyField label="Command" value="curl x" />);
  const input = screen.getByLabelText<HTMLInputElement>("Command");
  await userEvent.setup().click(input);
  expect([input.selectionStart, input.selectionEnd]).toEqual([0, 6]);
  expect(screen.getByRole("button", { name: "Copy: Command" })).toBeTruthy();
});
