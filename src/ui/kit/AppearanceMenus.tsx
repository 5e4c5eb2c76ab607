import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconBrightnessHalf, IconCheck, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { kitMessages } from "#kit/kit-messages";
import { languageNames, languages, useLanguage, useMessages, type Language } from "#kit/messages";
import classes from "./AppearanceMenus.module.css";

const check = <IconCheck aria-hidden size={16} />;

/** Each language in its own words. `onChoose` runs besides the switch itself, to remember the choice elsewhere. */
export function LanguageMenu({ onChoose }: { readonly onChoose?: (language: Language) => void }) {
  const m = useMessages(kitMessages);
  const { language, setLanguage } = useLanguage();
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          size="lg"
          className={classes.icon}
          aria-label={`${m.language}: ${languageNames[language]}`}
          title={m.language}
        >
          <IconLanguage aria-hidden size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((one) => (
          <Menu.Item
            key={one}
            lang={one}
            rightSection={one === language ? check : undefined}
            onClick={() => {
              setLanguage(one);
              onChoose?.(one);
            }}
          >
            {languageNames[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const schemeIcons: Readonly<Record<MantineColorScheme, typeof IconSun>> = { auto: IconBrightnessHalf, light: IconSun, dark: IconMoon };
const schemes: readonly MantineColorScheme[] = ["auto", "light", "dark"];

/** Light, dark, or as the system has it. */
export function ThemeMenu() {
  const m = useMessages(kitMessages);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const names: Readonly<Record<MantineColorScheme, string>> = { auto: m.themeAuto, light: m.themeLight, dark: m.themeDark };
  const Current = schemeIcons[colorScheme];
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" className={classes.icon} aria-label={`${m.theme}: ${names[colorScheme]}`} title={m.theme}>
          <Current aria-hidden size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => {
          const Icon = schemeIcons[scheme];
          return (
            <Menu.Item
              key={scheme}
              leftSection={<Icon aria-hidden size={16} />}
              rightSection={scheme === colorScheme ? check : undefined}
              onClick={() => setColorScheme(scheme)}
            >
              {names[scheme]}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
