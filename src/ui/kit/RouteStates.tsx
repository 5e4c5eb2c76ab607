import { Center, Loader } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { EmptyState } from "./EmptyState.tsx";
import { ErrorState } from "./ErrorState.tsx";
import { ButtonLink } from "./links.tsx";

/** A page that could not be loaded or that failed while it was drawn. */
export function RouteFailure({ error, reset }: ErrorComponentProps) {
  const m = useMessages(kitMessages);
  const router = useRouter();
  const onRetry = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <Center p="md">
      <ErrorState title={m.pageCrashed} error={error} onRetry={onRetry} />
    </Center>
  );
}

export function RouteMissing() {
  const m = useMessages(kitMessages);
  return (
    <main>
      <EmptyState title={m.pageMissing} isPage>
        <ButtonLink to="/">{m.toStart}</ButtonLink>
      </EmptyState>
    </main>
  );
}

export function RoutePending() {
  const m = useMessages(kitMessages);
  return (
    <Center p="xl" role="status" aria-label={m.loading}>
      <Loader size="sm" />
    </Center>
  );
}
