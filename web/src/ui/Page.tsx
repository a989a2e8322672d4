// A page: its title in the tab, its heading, and the focus on that heading after a navigation.
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "../text/useText";

interface Props {
  title: string;
  /** Beside the heading. */
  badge?: ReactNode;
  children: ReactNode;
}

// The first page of a visit leaves the focus where the browser put it.
let first = true;

export function Page({ title, badge, children }: Props) {
  const { t } = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${t.app.name}`;
  }, [title, t]);
  useEffect(() => {
    if (first) first = false;
    else heading.current?.focus();
  }, []);
  return (
    <>
      <div className="page-heading">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {badge}
      </div>
      {children}
    </>
  );
}
