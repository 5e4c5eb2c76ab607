import { ActionIcon } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";
import { usePlayer } from "./use-player.ts";

export interface PlayButtonProps {
  readonly label: string;
  /** Fetches the sound, a WAV file in base64. */
  readonly load: () => Promise<string>;
}

/** Plays a sound in a row of a table; once more stops it. */
export function PlayButton({ label, load }: PlayButtonProps) {
  const m = useMessages(messages);
  const problemText = useProblemText();
  const toasts = useToasts();
  const player = usePlayer();
  const [isLoading, setLoading] = useState(false);
  const press = async (): Promise<void> => {
    if (player.isPlaying) return player.stop();
    setLoading(true);
    try {
      await player.play(await load());
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    } finally {
      setLoading(false);
    }
  };
  return (
    <ActionIcon
      variant="subtle"
      loading={isLoading}
      aria-label={player.isPlaying ? m.stop : label}
      title={label}
      onClick={() => void press()}
    >
      {player.isPlaying ? <IconPlayerStop aria-hidden size={18} /> : <IconPlayerPlay aria-hidden size={18} />}
    </ActionIcon>
  );
}
