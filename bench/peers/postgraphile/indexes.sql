CREATE INDEX cases_due ON cases (tenant, open, due, id);
CREATE INDEX cases_opened ON cases (tenant, open, opened DESC, id);
CREATE INDEX cases_last ON cases (tenant, open, last DESC, id);
CREATE INDEX cases_number ON cases (tenant, phase, number, id);
CREATE INDEX cases_caseworker ON cases (tenant, caseworker_id, open, due, id);
CREATE INDEX cases_team ON cases (tenant, team_id, open, due, id);
CREATE INDEX cases_of_caseworker ON cases (caseworker_id);
CREATE INDEX cases_of_team ON cases (team_id);
CREATE INDEX cases_search ON cases USING gin (search);

-- The vector is for the index; nobody asks for it or filters by it.
COMMENT ON COLUMN cases.search IS '@behavior -*';

CREATE FUNCTION search_cases(words text, teams uuid[]) RETURNS SETOF cases LANGUAGE sql STABLE AS $$
  SELECT * FROM cases
  WHERE search @@ plainto_tsquery('simple', words) AND (team_id = ANY (teams) OR team_id IS NULL)
  ORDER BY last DESC
$$;
