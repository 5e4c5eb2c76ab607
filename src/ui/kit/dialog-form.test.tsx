import { TextInput } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { Type } from "typebox";
import { describe, expect, test, vi } from "vitest";
import { CallError } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { renderUi } from "../testing/render.tsx";
import { FormDialog } from "./FormDialog.tsx";

const schema = Type.Object({ name: Type.String({ minLength: 2, maxLength: 10, pattern: "^[a-z]+$" }), note: Type.String() });

function Sample({
  submit,
  onDone = () => undefined,
}: {
  readonly submit: (values: unknown) => Promise<unknown>;
  readonly onDone?: () => void;
}) {
  const form = useDialogForm({
    schema,
    initial: { name: "", note: "" },
    hints: { name: "Only small letters." },
    explain: ({ code }) => (code === "conflict" ? "Taken already." : undefined),
    submit,
    onDone,
  });
  return (
    <FormDialog title="Sample" form={form} action="Create" onClose={() => undefined}>
      <TextInput {...form.text("name")} label="Name" />
      <TextInput {...form.text("note")} label="Note" />
    </FormDialog>
  );
}

const name = () => screen.getByLabelText("Name");
const press = (user: ReturnType<typeof userEvent.setup>) => user.click(screen.getByRole("button", { name: "Create" }));

describe("a form", () => {
  test("says nothing while somebody types, and what is wrong once the field is left", async () => {
    const user = userEvent.setup();
    renderUi(<Sample submit={vi.fn<() => Promise<void>>()} />);
    await user.type(name(), "a");
    expect(screen.queryByText("At least 2 characters.")).toBeNull();
    await user.tab();
    expect(screen.getByText("At least 2 characters.")).toBeTruthy();
    await user.type(name(), "B");
    expect(screen.getByText("Only small letters.")).toBeTruthy();
  });
  test("sends nothing while something is missing, and puts the cursor there", async () => {
    const user = userEvent.setup();
    const submit = vi.fn<() => Promise<void>>();
    renderUi(<Sample submit={submit} />);
    await press(user);
    expect(submit).not.toHaveBeenCalled();
    expect(screen.getByText("This is needed.")).toBeTruthy();
    expect(document.activeElement).toBe(name());
  });
  test("sends once however often the button is pressed, and is done afterwards", async () => {
    const user = userEvent.setup();
    const done = vi.fn<() => void>();
    let finish: () => void = () => undefined;
    const submit = vi.fn<(values: unknown) => Promise<void>>(() => new Promise<void>((resolve) => (finish = resolve)));
    renderUi(<Sample submit={submit} onDone={done} />);
    await user.type(name(), "abc");
    await user.keyboard("{Enter}");
    await user.keyboard("{Enter}");
    expect(submit).toHaveBeenCalledOnce();
    expect(submit).toHaveBeenCalledWith({ name: "abc", note: "" });
    finish();
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
  });
  test("shows the server's refusal at its field until that field changes", async () => {
    const user = userEvent.setup();
    const refusal = new CallError({
      status: 400,
      code: "invalid-input",
      detail: "x",
      fields: [{ field: "body.name", problem: "Reserved." }],
    });
    renderUi(<Sample submit={() => Promise.reject(refusal)} />);
    await user.type(name(), "abc");
    await press(user);
    expect(await screen.findByText("Reserved.")).toBeTruthy();
    await user.type(name(), "d");
    expect(screen.queryByText("Reserved.")).toBeNull();
  });
  test("shows a refusal that names no field above its buttons, in its own words where it has them", async () => {
    const user = userEvent.setup();
    renderUi(<Sample submit={() => Promise.reject(new CallError({ status: 409, code: "conflict", detail: "x" }))} />);
    await user.type(name(), "abc");
    await press(user);
    expect((await screen.findByText("Taken already.")).closest('[role="alert"]')).toBeTruthy();
  });
  test("speaks Japanese", async () => {
    const user = userEvent.setup();
    renderUi(<Sample submit={() => Promise.reject(new CallError({ status: 403, code: "forbidden", detail: "x" }))} />, { language: "ja" });
    await press(user);
    expect(screen.getByText("入力してください。")).toBeTruthy();
    await user.type(name(), "abc");
    await press(user);
    expect(await screen.findByText(/この操作の権限がありません/u)).toBeTruthy();
  });
});
