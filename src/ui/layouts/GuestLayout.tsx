import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { LanguageMenu, ThemeMenu } from "../kit/AppearanceMenus.tsx";
import { Logo } from "../kit/Logo.tsx";
import classes from "./GuestLayout.module.css";

export interface GuestLayoutProps {
  readonly title: string;
  readonly intro?: string | undefined;
  readonly isWide?: boolean;
  readonly children?: ReactNode;
}

/** Pages before the login: one card in the middle. */
export function GuestLayout({ title, intro, isWide = false, children }: GuestLayoutProps) {
  useEffect(() => {
    document.title = `${title} - Hinoban`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Group gap="xs">
          <Logo size={30} />
          <Text component="span" fw={700} size="lg">
            {"Hinoban"}
          </Text>
        </Group>
        <Group gap={4}>
          <LanguageMenu />
          <ThemeMenu />
        </Group>
      </header>
      <main className={classes.main}>
        <Paper withBorder p={{ base: "md", xs: "xl" }} className={isWide ? classes.wideCard : classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1} mb={4}>
                {title}
              </Title>
              {intro !== undefined && (
                <Text c="dimmed" size="sm">
                  {intro}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </main>
    </div>
  );
}
