import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { SignedIn } from "#wire/identity";

/** Takes a fresh session over and leads to a page: nothing of whoever was signed in before stays. */
export function useSignIn(): (session: SignedIn, to: string | undefined) => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  return async (session, to) => {
    client.clear();
    client.setQueryData(["session"], session);
    // A full path that was checked to be one of ours, so not one of the typed routes.
    router.history.push(to ?? "/");
    await router.invalidate();
  };
}
