import { Stack } from "@mantine/core";
import { useMessages } from "#kit/messages";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { ConnectSection } from "./ConnectSection.tsx";
import { MappingSection } from "./MappingSection.tsx";
import { messages } from "./messages.ts";
import { OtlpSection } from "./OtlpSection.tsx";
import { ReceptionSection } from "./ReceptionSection.tsx";
import { TargetSection } from "./TargetSection.tsx";

/** Everything about metrics of Prometheus and OpenTelemetry: how they come here, what came, and what becomes of them. */
export function PrometheusPage() {
  const m = useMessages(messages);
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Stack gap="xl">
        <ConnectSection />
        <TargetSection />
        <ReceptionSection />
        <MappingSection />
        <OtlpSection />
      </Stack>
    </>
  );
}
