import { useId, useState } from "react";
import { failureOf } from "../api/failure";
import { FormContext } from "../forms/context";
import { ErrorSummary } from "../forms/ErrorSummary";
import { Input, Select } from "../forms/fields";
import type { RefusalPart } from "../forms/refusal";
import { useText } from "../text/useText";
import { Alert } from "../ui/Alert";
import { failureText } from "../ui/Answered";
import { type Door, logIn } from "./api";
import { DemoUsers } from "./DemoUsers";

interface Who {
  municipality: string;
  login: string;
  password: string;
}

export function LoginForm({ door, onEntered }: { door: Door; onEntered: () => void }) {
  const { t } = useText();
  const id = useId();
  const only = door.municipalities.length === 1 ? door.municipalities[0] : undefined;
  const [who, setWho] = useState<Who>({ municipality: only?.code ?? "", login: "", password: "" });
  const [problem, setProblem] = useState("");
  const [missing, setMissing] = useState<RefusalPart[]>([]);
  const [sending, setSending] = useState(false);

  async function enter(as: Who): Promise<void> {
    setProblem("");
    const empty = emptyFields(as, t.session.empty);
    setMissing(empty);
    if (empty.length > 0 || sending) return;
    setSending(true);
    try {
      const answer = await logIn(as);
      if (answer.kind === "in") return onEntered();
      setProblem(answer.kind === "too-many" ? t.session.tooMany : answer.message || t.session.fallback);
    } catch (thrown) {
      setProblem(failureText(failureOf(thrown), t));
    }
    setSending(false);
  }

  return (
    <FormContext value={{ id, refusals: missing }}>
      <form
        className="narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void enter(who);
        }}
      >
        <ErrorSummary form={id} refusals={missing} heading={t.session.wrong} />
        {problem && (
          <Alert kind="error" heading={t.session.wrong} urgent>
            <p>{problem}</p>
          </Alert>
        )}
        <Select name="municipality" label={t.session.municipality} value={who.municipality} onChange={(municipality) => setWho({ ...who, municipality })}>
          <option value="">{t.session.choose}</option>
          {door.municipalities.map((one) => (
            <option key={one.code} value={one.code}>
              {one.name}
            </option>
          ))}
        </Select>
        <Input name="login" label={t.session.login} autoComplete="username" value={who.login} onChange={(login) => setWho({ ...who, login })} />
        <Input
          name="password"
          label={t.session.password}
          type="password"
          autoComplete="current-password"
          value={who.password}
          onChange={(password) => setWho({ ...who, password })}
        />
        <div className="form-buttons">
          <button type="submit" className="button button-primary" aria-disabled={sending || undefined}>
            {sending ? t.session.sending : t.session.submit}
          </button>
        </div>
      </form>
      {door.demo && (
        <DemoUsers
          door={door}
          onPick={(user) => {
            const as = { municipality: user.municipality, login: user.login, password: door.demoPassword };
            setWho(as);
            void enter(as);
          }}
        />
      )}
    </FormContext>
  );
}

function emptyFields(who: Who, messages: Record<keyof Who, string>): RefusalPart[] {
  const fields = ["municipality", "login", "password"] as const;
  return fields
    .filter((path) => who[path].trim() === "")
    .map((path) => ({ code: "FIELD_EMPTY", message: messages[path], statute: null, path }));
}
