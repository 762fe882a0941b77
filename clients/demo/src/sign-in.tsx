/** Choose who to be. A real page has a log-in here; the demo takes your word, or a token where it cannot. */

import { useState, type FormEvent } from "react";
import { Mark } from "./mark.tsx";

interface Props {
  withToken: boolean;
  problem: string | null;
  onSignIn(credential: string): Promise<void>;
}

export function SignIn({ withToken, problem, onSignIn }: Props) {
  const [credential, setCredential] = useState(withToken ? "" : "demo");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onSignIn(credential.trim());
    setBusy(false);
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Mark />
        <h1>Answers, as they are written</h1>
        <p>Ask something, open a second tab, pull the network plug: the text arrives, everywhere, once.</p>
        <label htmlFor="credential">{withToken ? "Token" : "Demo user"}</label>
        <input
          id="credential"
          type={withToken ? "password" : "text"}
          value={credential}
          onChange={({ target }) => setCredential(target.value)}
          maxLength={withToken ? 4096 : 64}
          required
          pattern=".*\S.*"
          autoComplete={withToken ? "off" : "username"}
          aria-describedby={withToken ? "about" : undefined}
          autoFocus
        />
        {withToken && (
          <p id="about">
            Nobody logs in on this page. Paste a token that your own back end has signed for one of its users:
            it is kept in this tab, and sent to your HTTP API only.
          </p>
        )}
        <button className="primary" disabled={isBusy}>
          Sign in
        </button>
        {problem && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
      </form>
    </main>
  );
}
