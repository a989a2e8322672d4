// A modal dialog: the browser's own, which keeps the focus inside and gives it back.
import { type ReactNode, useLayoutEffect, useId, useRef } from "react";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) {
      shown.showModal();
      // To the first field; where there is none, to the heading and not to the button that cannot be undone.
      const first = shown.querySelector<HTMLElement>("input, select, textarea") ?? shown.querySelector("h2");
      first?.focus();
    }
    // Closed before it leaves the page: only then does the browser give the focus back.
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={heading} tabIndex={-1}>{title}</h2>
      {children}
    </dialog>
  );
}
