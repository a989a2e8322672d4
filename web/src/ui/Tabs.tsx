import { Link } from "../router/Link";
import { useSearch, withSearch } from "../router/router";

interface Props<K extends string> {
  label: string;
  /** The parameter in the address that says which tab is shown. */
  name: string;
  tabs: readonly (readonly [K, string])[];
  current: K;
}

/** Tabs as links: the address says which one is shown. */
export function Tabs<K extends string>({ label, name, tabs, current }: Props<K>) {
  const search = useSearch();
  return (
    <nav className="tab-container" aria-label={label}>
      <ul className="tab-list">
        {tabs.map(([key, text]) => (
          <li key={key}>
            <Link to={withSearch(search, { [name]: key })} className="tab-button" aria-current={key === current ? "page" : undefined}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
