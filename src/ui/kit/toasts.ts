import { createContext, use } from "react";

export interface Toast {
  readonly text: string;
  readonly kind?: "done" | "problem";
  /** Offered as "Undo" while the toast stands. */
  readonly undo?: () => Promise<unknown>;
}

export interface Toasts {
  readonly show: (toast: Toast) => void;
}

export const ToastContext = createContext<Toasts>({ show: () => undefined });

/** Short messages about what was just done; they leave by themselves, so nothing that must be read goes here. */
export const useToasts = (): Toasts => use(ToastContext);
