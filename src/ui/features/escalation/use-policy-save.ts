import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { changePolicy, createPolicy, type Policy, type PolicyInput } from "#wire/escalation";
import { CallError, useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";

/** Saves a policy; what reaches nobody is asked about before it is saved nevertheless. */
export function usePolicySave(policy: Policy | undefined) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [unreached, setUnreached] = useState<readonly string[]>([]);

  const refuse = (error: unknown): void => {
    const fields = error instanceof CallError ? error.fields : new Map<string, string>();
    const isAsking =
      fields.size > 0 && [...fields].every(([field, text]) => field.startsWith("steps.") && text.includes("confirm to save"));
    setProblems(fields);
    setUnreached(isAsking ? [...fields.values()].map((text) => text.replace("; confirm to save it nevertheless", "")) : []);
    if (!isAsking) setProblem(problemText(error));
  };
  const save = async (input: PolicyInput, isConfirmed: boolean): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { ...input, isConfirmed };
      const saved = await (policy
        ? call(changePolicy, { params: { org, id: policy.id }, body: { ...body, version: policy.version } })
        : call(createPolicy, { params: { org }, body }));
      setProblems(new Map());
      setUnreached([]);
      await client.invalidateQueries({ queryKey: [org, "escalation"] });
      toasts.show({ text: policy ? m.saved({ name: saved.name }) : m.created({ name: saved.name }) });
      if (!policy) await navigate({ to: "/o/$org/policies", params: { org } });
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  return { save, isBusy, problem, problems, unreached, forget: () => setUnreached([]) };
}
