import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

/** Why a form was refused as a whole, read out when it appears. */
export function FormProblem({ problem }: { readonly problem: string | undefined }) {
  return (
    <div role="alert">
      {problem !== undefined && (
        <Alert color="red" variant="outline" p="xs" icon={<IconAlertTriangle aria-hidden size={18} />}>
          {problem}
        </Alert>
      )}
    </div>
  );
}
