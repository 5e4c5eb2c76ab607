import { Anchor, Button, NavLink, type AnchorProps, type ButtonProps, type NavLinkProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type LinkElement = Omit<ComponentProps<"a">, "color" | "style">;

/** A link to another page of the console, as text. */
export const AnchorLink = createLink((props: AnchorProps & LinkElement) => <Anchor {...props} />);

/** A link to another page that looks like a button. */
export const ButtonLink = createLink((props: ButtonProps & LinkElement) => <Button component="a" {...props} />);

/** An entry of the side navigation. */
export const NavItem = createLink((props: NavLinkProps & LinkElement) => <NavLink component="a" {...props} />);
