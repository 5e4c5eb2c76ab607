import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Names, Policy, PolicyInput, PolicyStep } from "#wire/escalation";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AdvancedSection } from "./AdvancedSection.tsx";
import { DryRun } from "./DryRun.tsx";
import { moved, newStep, problemsByStep } from "./draft.ts";
import { messages } from "./messages.ts";
import classes from "./PolicyEditor.module.css";
import { RoundFields } from "./RoundFields.tsx";
import { StepCard } from "./StepCard.tsx";
import { namesOf, useChoices } from "./use-choices.ts";
import { usePolicySave } from "./use-policy-save.ts";

interface PolicyEditorProps {
  /** Undefined for one that does not exist yet. */
  readonly policy: Policy | undefined;
  readonly initial: PolicyInput;
  readonly names: Names;
}

interface KeyedStep {
  readonly key: number;
  readonly step: PolicyStep;
}

/** The steps as cards, with what would happen beside them. */
export function PolicyEditor({ policy, initial, names }: PolicyEditorProps) {
  const m = useMessages(messages);
  const mayChange = useMay("policy.change");
  const choices = useChoices();
  const known = { ...names, ...namesOf(choices) };
  const [fields, setFields] = useState(initial);
  const [steps, setSteps] = useState<readonly KeyedStep[]>(() => initial.steps.map((step, key) => ({ key, step })));
  const draft: PolicyInput = { ...fields, steps: steps.map(({ step }) => step) };
  const { save, isBusy, problem, problems, unreached, forget } = usePolicySave(policy);
  const byStep = problemsByStep(problems.size > 0 ? problems : new Map((policy?.problems ?? []).map((one) => [one.field, one.problem])));
  return (
    <div className={classes.columns}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save(draft, false);
        }}
      >
        <fieldset disabled={!mayChange} className={classes.fields}>
          <Stack gap="lg">
            {!mayChange && (
              <Text size="sm" c="dimmed">
                {m.readOnly}
              </Text>
            )}
            <TextInput
              label={m.name}
              name="name"
              value={fields.name}
              required
              maxLength={100}
              error={problems.get("name")}
              onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
            />
            <StepList steps={steps} onChange={setSteps} choices={choices} names={known} problems={byStep} />
            <RoundFields draft={fields} problem={problems.get("pauseSeconds")} onChange={setFields} />
            <AdvancedSection draft={fields} policyId={policy?.id} choices={choices} problems={problems} onChange={setFields} />
            <Textarea
              label={m.memo}
              value={fields.memo}
              autosize
              minRows={2}
              maxLength={2000}
              onChange={(event) => setFields({ ...fields, memo: event.currentTarget.value })}
            />
            <FormProblem problem={problem} />
            {mayChange && (
              <Group>
                <Button type="submit" loading={isBusy}>
                  {m.save}
                </Button>
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
      <div className={classes.aside}>
        <DryRun draft={draft} policyId={policy?.id} />
      </div>
      {unreached.length > 0 && (
        <ConfirmDialog
          title={m.confirmTitle}
          text={<Unreached problems={unreached} />}
          action={m.confirmAction}
          isDangerous
          onConfirm={() => save(draft, true)}
          onClose={forget}
        />
      )}
    </div>
  );
}

function Unreached({ problems }: { readonly problems: readonly string[] }) {
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
      {problems.map((one) => (
        <div key={one}>{one}</div>
      ))}
    </Alert>
  );
}

interface StepListProps {
  readonly steps: readonly KeyedStep[];
  readonly onChange: (steps: readonly KeyedStep[]) => void;
  readonly choices: ReturnType<typeof useChoices>;
  readonly names: Names;
  readonly problems: ReadonlyMap<number, readonly string[]>;
}

function StepList({ steps, onChange, choices, names, problems }: StepListProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const mayChange = useMay("policy.change");
  const [dragged, setDragged] = useState<number>();
  const drop = (to: number): void => {
    if (dragged !== undefined) onChange(moved(steps, dragged, to));
    setDragged(undefined);
  };
  const nextKey = Math.max(0, ...steps.map(({ key }) => key)) + 1;
  return (
    <PageSection title={m.steps}>
      <Stack gap="sm">
        {steps.map(({ key, step }, index) => (
          <StepCard
            key={key}
            step={step}
            index={index}
            count={steps.length}
            label={m.stepNumber({ number: format.count(index + 1) })}
            choices={choices}
            names={names}
            problems={problems.get(index) ?? []}
            onChange={(next) => onChange(steps.map((one) => (one.key === key ? { key, step: next } : one)))}
            onMove={(to) => onChange(moved(steps, index, to))}
            onRemove={() => onChange(steps.filter((one) => one.key !== key))}
            onDrag={() => setDragged(index)}
            onDrop={() => drop(index)}
          />
        ))}
        {mayChange && steps.length < 20 && (
          <Group>
            <Button
              variant="default"
              leftSection={<IconPlus aria-hidden size={18} />}
              onClick={() => onChange([...steps, { key: nextKey, step: newStep() }])}
            >
              {m.addStep}
            </Button>
          </Group>
        )}
      </Stack>
    </PageSection>
  );
}
