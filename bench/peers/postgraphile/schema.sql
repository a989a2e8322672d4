-- What the dashboard's lists show of a case, as one would lay it out in PostgreSQL for PostGraphile: plain rows, foreign
-- keys for the nested fields, and for each list of the comparison an index that holds its filter and order.
CREATE TABLE teams (id uuid PRIMARY KEY, tenant text NOT NULL, name text NOT NULL);
CREATE TABLE staff (id uuid PRIMARY KEY, tenant text NOT NULL, login text NOT NULL, roles text[] NOT NULL, name text);
CREATE TABLE cases (
  id uuid PRIMARY KEY,
  tenant text NOT NULL,
  number text NOT NULL,
  title text,
  party text,
  kle_number text,
  kle_facet text,
  phase text NOT NULL,
  due date,
  waiting_on text,
  waiting_since date,
  team_id uuid REFERENCES teams,
  caseworker_id uuid REFERENCES staff,
  channel text NOT NULL,
  received date NOT NULL,
  opened bigint NOT NULL,
  last bigint NOT NULL,
  last_event_type text NOT NULL,
  last_event_at timestamptz NOT NULL,
  open boolean GENERATED ALWAYS AS (phase <> 'closed') STORED,
  search tsvector GENERATED ALWAYS AS
    (to_tsvector('simple', number || ' ' || coalesce(title, '') || ' ' || coalesce(party, ''))) STORED
);
