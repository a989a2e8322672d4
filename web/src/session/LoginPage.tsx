import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { navigate, useSearch } from "../router/router";
import { useText } from "../text/useText";
import { Alert } from "../ui/Alert";
import { Answered } from "../ui/Answered";
import { Page } from "../ui/Page";
import { door } from "./api";
import { LoginForm } from "./LoginForm";
import { ProviderLogin } from "./ProviderLogin";
import { forgetSession, safeNext } from "./where";

export function LoginPage() {
  const { t } = useText();
  const search = useSearch();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["door"], queryFn: ({ signal }) => door(signal), staleTime: 0, gcTime: 0, retry: false });
  const next = safeNext(search.get("next")) ?? "/sager";

  const enter = () => {
    client.clear();
    navigate(next, "replace");
  };
  const isOpen = query.data?.open ?? false;
  useEffect(() => {
    if (isOpen) navigate(next, "replace");
    else forgetSession();
  }, [isOpen, next]);

  return (
    <Page title={t.session.title}>
      {search.has("udloebet") ? (
        <Alert kind="warning" heading={t.session.expired} urgent>
          <p>{t.session.expiredText}</p>
        </Alert>
      ) : (
        <p>{t.session.lead}</p>
      )}
      <Answered of={query}>
        {(data) => (
          <>
            {data.provider && <ProviderLogin title={data.provider} next={next} both={data.passwords} />}
            {data.passwords && <LoginForm door={data} onEntered={enter} />}
          </>
        )}
      </Answered>
    </Page>
  );
}
